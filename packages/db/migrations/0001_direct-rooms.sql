ALTER TABLE `room` ADD `direct_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `room_direct_key` ON `room` (`direct_key`);