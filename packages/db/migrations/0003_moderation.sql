CREATE TABLE `report` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text NOT NULL,
	`room_id` text NOT NULL,
	`reporter_id` text NOT NULL,
	`reason` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`excerpt` text NOT NULL,
	`state` text DEFAULT 'open' NOT NULL,
	`created_at` integer NOT NULL,
	`action` text,
	`resolved_by` text,
	`resolved_at` integer,
	`resolution` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`reporter_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`resolved_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "report_reason" CHECK("report"."reason" in ('spam', 'harassment', 'hate', 'violence', 'sexual', 'private-data', 'other')),
	CONSTRAINT "report_state" CHECK("report"."state" in ('open', 'resolved')),
	CONSTRAINT "report_action" CHECK("report"."action" in ('dismiss', 'remove', 'mute', 'ban', 'suspend')),
	CONSTRAINT "report_resolution" CHECK(("report"."state" = 'resolved') = ("report"."resolved_at" is not null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `report_state` ON `report` (`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `report_room` ON `report` (`room_id`,`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `report_reporter` ON `report` (`reporter_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `report_message_reporter` ON `report` (`message_id`,`reporter_id`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_room_event` (
	`room_id` text NOT NULL,
	`seq` integer NOT NULL,
	`kind` text NOT NULL,
	`message_id` text NOT NULL,
	`actor_id` text NOT NULL,
	`payload` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`room_id`, `seq`),
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`actor_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "room_event_kind" CHECK("__new_room_event"."kind" in ('message', 'edit', 'delete', 'reaction', 'pin', 'unpin')),
	CONSTRAINT "room_event_seq" CHECK("__new_room_event"."seq" >= 1),
	CONSTRAINT "room_event_payload_json" CHECK("__new_room_event"."payload" is null or json_valid("__new_room_event"."payload"))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_room_event`("room_id", "seq", "kind", "message_id", "actor_id", "payload", "at") SELECT "room_id", "seq", "kind", "message_id", "actor_id", "payload", "at" FROM `room_event`;--> statement-breakpoint
DROP TABLE `room_event`;--> statement-breakpoint
ALTER TABLE `__new_room_event` RENAME TO `room_event`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `room_event_message` ON `room_event` (`message_id`);--> statement-breakpoint
CREATE INDEX `room_event_actor` ON `room_event` (`actor_id`);--> statement-breakpoint
ALTER TABLE `audit` ADD `room_id` text REFERENCES room(id) ON DELETE set null;--> statement-breakpoint
CREATE INDEX `audit_room` ON `audit` (`room_id`,`at`,`id`) WHERE room_id is not null;--> statement-breakpoint
ALTER TABLE `message` ADD `pinned_at` integer;--> statement-breakpoint
ALTER TABLE `message` ADD `pinned_by` text REFERENCES user(id) ON DELETE set null;--> statement-breakpoint
CREATE INDEX `message_author_room` ON `message` (`author_id`,`room_id`,`number`);--> statement-breakpoint
CREATE INDEX `message_pinned` ON `message` (`room_id`,`pinned_at`) WHERE pinned_at is not null;--> statement-breakpoint
ALTER TABLE `room` ADD `slow_mode_sec` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `room` ADD `archived_at` integer;