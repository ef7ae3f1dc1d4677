ALTER TABLE `message` ADD `search_id` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `message_search_id` ON `message` (`search_id`);--> statement-breakpoint
UPDATE `message` SET `search_id` = placed.place
	FROM (SELECT `id`, row_number() OVER (ORDER BY `created_at`, `id`) AS place FROM `message`) AS placed
	WHERE placed.`id` = `message`.`id`;--> statement-breakpoint
CREATE VIEW `message_search_source` AS
	SELECT `search_id`, `body`, replace(`room_id`, '-', '') AS `room`, replace(`author_id`, '-', '') AS `author`
	FROM `message` WHERE `deleted_at` IS NULL;--> statement-breakpoint
CREATE VIRTUAL TABLE `message_search` USING fts5(
	body, room, author,
	content='message_search_source', content_rowid='search_id',
	tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);--> statement-breakpoint
INSERT INTO `message_search` (`message_search`) VALUES ('rebuild');--> statement-breakpoint
CREATE TRIGGER `message_search_on_insert` AFTER INSERT ON `message` WHEN new.`deleted_at` IS NULL BEGIN
	INSERT INTO `message_search` (rowid, body, room, author)
	VALUES (new.`search_id`, new.`body`, replace(new.`room_id`, '-', ''), replace(new.`author_id`, '-', ''));
END;--> statement-breakpoint
CREATE TRIGGER `message_search_on_delete` AFTER DELETE ON `message` WHEN old.`deleted_at` IS NULL BEGIN
	INSERT INTO `message_search` (`message_search`, rowid, body, room, author)
	VALUES ('delete', old.`search_id`, old.`body`, replace(old.`room_id`, '-', ''), replace(old.`author_id`, '-', ''));
END;--> statement-breakpoint
CREATE TRIGGER `message_search_on_update` AFTER UPDATE OF `body`, `deleted_at` ON `message` BEGIN
	INSERT INTO `message_search` (`message_search`, rowid, body, room, author)
	SELECT 'delete', old.`search_id`, old.`body`, replace(old.`room_id`, '-', ''), replace(old.`author_id`, '-', '')
	WHERE old.`deleted_at` IS NULL;
	INSERT INTO `message_search` (rowid, body, room, author)
	SELECT new.`search_id`, new.`body`, replace(new.`room_id`, '-', ''), replace(new.`author_id`, '-', '')
	WHERE new.`deleted_at` IS NULL;
END;
