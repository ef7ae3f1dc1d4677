CREATE TABLE `api_token` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`expires_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "api_token_scopes_json" CHECK(json_valid("api_token"."scopes"))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `api_token_secret_hash_unique` ON `api_token` (`secret_hash`);--> statement-breakpoint
CREATE INDEX `api_token_user` ON `api_token` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` text PRIMARY KEY NOT NULL,
	`actor_id` text,
	`action` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`details` text NOT NULL,
	`request_id` text,
	`at` integer NOT NULL,
	FOREIGN KEY (`actor_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "audit_details_json" CHECK(json_valid("audit"."details"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor_id`,`at`);--> statement-breakpoint
CREATE INDEX `audit_subject` ON `audit` (`subject_kind`,`subject_id`,`at`);--> statement-breakpoint
CREATE TABLE `board` (
	`name` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`unit` text DEFAULT 'points' NOT NULL,
	`order` text NOT NULL,
	`update` text NOT NULL,
	`position` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "board_order" CHECK("board"."order" in ('asc', 'desc')),
	CONSTRAINT "board_update" CHECK("board"."update" in ('set', 'best', 'increment'))
) STRICT;
--> statement-breakpoint
CREATE TABLE `challenge` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`board_name` text NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`points` real NOT NULL,
	`starts_at` integer,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`board_name`) REFERENCES `board`(`name`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `challenge_slug_unique` ON `challenge` (`slug`);--> statement-breakpoint
CREATE INDEX `challenge_board` ON `challenge` (`board_name`);--> statement-breakpoint
CREATE TABLE `comment` (
	`id` text PRIMARY KEY NOT NULL,
	`post_id` text NOT NULL,
	`author_id` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	`edited_at` integer,
	`deleted_at` integer,
	FOREIGN KEY (`post_id`) REFERENCES `post`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`author_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "comment_deleted_body" CHECK("comment"."deleted_at" is null or "comment"."body" = '')
) STRICT;
--> statement-breakpoint
CREATE INDEX `comment_post` ON `comment` (`post_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `comment_author` ON `comment` (`author_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `fence_epoch` (
	`name` text PRIMARY KEY NOT NULL,
	`token` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "fence_epoch_token" CHECK("fence_epoch"."token" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `fence_mark` (
	`resource` text PRIMARY KEY NOT NULL,
	`fence` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "fence_mark_fence" CHECK("fence_mark"."fence" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `image` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`source_url` text,
	`title` text DEFAULT '' NOT NULL,
	`media_type` text,
	`width` integer,
	`height` integer,
	`bytes` integer,
	`state` text DEFAULT 'pending' NOT NULL,
	`error` text,
	`variants` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "image_state" CHECK("image"."state" in ('pending', 'ready', 'failed')),
	CONSTRAINT "image_variants_json" CHECK(json_valid("image"."variants"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `image_owner` ON `image` (`owner_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `job_effect` (
	`job_key` text PRIMARY KEY NOT NULL,
	`outbox_id` text NOT NULL,
	`result` text,
	`at` integer NOT NULL,
	CONSTRAINT "job_effect_result_json" CHECK("job_effect"."result" is null or json_valid("job_effect"."result"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `job_effect_outbox` ON `job_effect` (`outbox_id`);--> statement-breakpoint
CREATE TABLE `mail` (
	`id` text PRIMARY KEY NOT NULL,
	`idempotency_key` text NOT NULL,
	`user_id` text,
	`template` text NOT NULL,
	`to_address` text NOT NULL,
	`to_name` text DEFAULT '' NOT NULL,
	`from_address` text NOT NULL,
	`subject` text NOT NULL,
	`text` text NOT NULL,
	`html` text NOT NULL,
	`state` text NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "mail_state" CHECK("mail"."state" in ('stored', 'sent', 'failed'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `mail_idempotency_key_unique` ON `mail` (`idempotency_key`);--> statement-breakpoint
CREATE INDEX `mail_created_at` ON `mail` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_user` ON `mail` (`user_id`);--> statement-breakpoint
CREATE TABLE `mention` (
	`message_id` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`message_id`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `mention_user` ON `mention` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `message` (
	`id` text PRIMARY KEY NOT NULL,
	`room_id` text NOT NULL,
	`number` integer NOT NULL,
	`seq` integer NOT NULL,
	`last_seq` integer NOT NULL,
	`author_id` text NOT NULL,
	`body` text NOT NULL,
	`reply_to_id` text,
	`client_message_id` text,
	`created_at` integer NOT NULL,
	`edited_at` integer,
	`deleted_at` integer,
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`author_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`reply_to_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "message_counters" CHECK("message"."number" >= 1 and "message"."seq" >= "message"."number" and "message"."last_seq" >= "message"."seq"),
	CONSTRAINT "message_deleted_body" CHECK("message"."deleted_at" is null or "message"."body" = '')
) STRICT;
--> statement-breakpoint
CREATE INDEX `message_reply_to_id` ON `message` (`reply_to_id`) WHERE reply_to_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `message_room_number` ON `message` (`room_id`,`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `message_author_client_id` ON `message` (`author_id`,`client_message_id`);--> statement-breakpoint
CREATE TABLE `notification` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`read_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "notification_payload_json" CHECK(json_valid("notification"."payload"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `notification_user` ON `notification` (`user_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `notification_unread` ON `notification` (`user_id`) WHERE read_at is null;--> statement-breakpoint
CREATE TABLE `one_time_token` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`purpose` text NOT NULL,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "one_time_token_purpose" CHECK("one_time_token"."purpose" in ('reset-password', 'verify-email', 'change-email')),
	CONSTRAINT "one_time_token_payload_json" CHECK(json_valid("one_time_token"."payload"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `one_time_token_user` ON `one_time_token` (`user_id`,`purpose`);--> statement-breakpoint
CREATE INDEX `one_time_token_expires_at` ON `one_time_token` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`ordering_key` text,
	`owner_id` text,
	`queue` text NOT NULL,
	`job_name` text NOT NULL,
	`payload_version` integer NOT NULL,
	`payload` text NOT NULL,
	`job_key` text NOT NULL,
	`run_at` integer NOT NULL,
	`state` text DEFAULT 'pending' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "outbox_state_word" CHECK("outbox"."state" in ('pending', 'queued', 'done', 'dead')),
	CONSTRAINT "outbox_payload_json" CHECK(json_valid("outbox"."payload")),
	CONSTRAINT "outbox_counters" CHECK("outbox"."attempts" >= 0 and "outbox"."payload_version" >= 1)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE INDEX `outbox_pending` ON `outbox` (`run_at`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `outbox_pending_owner` ON `outbox` (`owner_id`,`position`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `outbox_open_key` ON `outbox` (`ordering_key`,`position`) WHERE state in ('pending', 'queued');--> statement-breakpoint
CREATE INDEX `outbox_queued` ON `outbox` (`updated_at`) WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX `outbox_queued_owner` ON `outbox` (`owner_id`) WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX `outbox_owner` ON `outbox` (`owner_id`,`position`);--> statement-breakpoint
CREATE INDEX `outbox_state` ON `outbox` (`state`,`position`);--> statement-breakpoint
CREATE INDEX `outbox_job_key` ON `outbox` (`job_key`);--> statement-breakpoint
CREATE TABLE `page_view_daily` (
	`path` text NOT NULL,
	`day_at` integer NOT NULL,
	`views` integer NOT NULL,
	`visitors` integer NOT NULL,
	PRIMARY KEY(`path`, `day_at`),
	CONSTRAINT "page_view_daily_day_start" CHECK("page_view_daily"."day_at" % 86400000 = 0),
	CONSTRAINT "page_view_daily_counts" CHECK("page_view_daily"."visitors" between 0 and "page_view_daily"."views")
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `page_view_daily_day` ON `page_view_daily` (`day_at`);--> statement-breakpoint
CREATE TABLE `page_view_hourly` (
	`path` text NOT NULL,
	`hour_at` integer NOT NULL,
	`views` integer NOT NULL,
	PRIMARY KEY(`path`, `hour_at`),
	CONSTRAINT "page_view_hourly_hour_start" CHECK("page_view_hourly"."hour_at" % 3600000 = 0),
	CONSTRAINT "page_view_hourly_views" CHECK("page_view_hourly"."views" >= 0)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `page_view_hourly_hour` ON `page_view_hourly` (`hour_at`);--> statement-breakpoint
CREATE TABLE `points_ledger` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`operation_id` text NOT NULL,
	`board_name` text NOT NULL,
	`user_id` text NOT NULL,
	`season_id` text,
	`points` real NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`board_name`) REFERENCES `board`(`name`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`season_id`) REFERENCES `season`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `points_ledger_operation_id_unique` ON `points_ledger` (`operation_id`);--> statement-breakpoint
CREATE INDEX `points_ledger_board` ON `points_ledger` (`board_name`,`at`);--> statement-breakpoint
CREATE INDEX `points_ledger_season` ON `points_ledger` (`season_id`,`board_name`);--> statement-breakpoint
CREATE INDEX `points_ledger_user` ON `points_ledger` (`user_id`,`board_name`,`at`);--> statement-breakpoint
CREATE TABLE `post` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`title` text NOT NULL,
	`excerpt` text NOT NULL,
	`body` text NOT NULL,
	`author_id` text NOT NULL,
	`reading_minutes` integer NOT NULL,
	`view_count` integer DEFAULT 0 NOT NULL,
	`published_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`author_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "post_reading_minutes" CHECK("post"."reading_minutes" >= 1),
	CONSTRAINT "post_view_count_positive" CHECK("post"."view_count" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `post_slug_unique` ON `post` (`slug`);--> statement-breakpoint
CREATE INDEX `post_published` ON `post` (`published_at`,`id`);--> statement-breakpoint
CREATE INDEX `post_author` ON `post` (`author_id`,`published_at`);--> statement-breakpoint
CREATE INDEX `post_view_count` ON `post` (`view_count`);--> statement-breakpoint
CREATE TABLE `post_tag` (
	`post_id` text NOT NULL,
	`tag_name` text NOT NULL,
	PRIMARY KEY(`post_id`, `tag_name`),
	FOREIGN KEY (`post_id`) REFERENCES `post`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tag_name`) REFERENCES `tag`(`name`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `post_tag_name` ON `post_tag` (`tag_name`,`post_id`);--> statement-breakpoint
CREATE TABLE `reaction` (
	`message_id` text NOT NULL,
	`user_id` text NOT NULL,
	`emoji` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`message_id`, `user_id`, `emoji`),
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "reaction_emoji" CHECK(length("reaction"."emoji") between 1 and 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reaction_user` ON `reaction` (`user_id`);--> statement-breakpoint
CREATE TABLE `read_state` (
	`user_id` text NOT NULL,
	`room_id` text NOT NULL,
	`last_read_number` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `room_id`),
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "read_state_number" CHECK("read_state"."last_read_number" >= 0)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `read_state_room` ON `read_state` (`room_id`);--> statement-breakpoint
CREATE TABLE `reward` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`cost` integer NOT NULL,
	`stock` integer,
	`per_user_limit` integer,
	`created_at` integer NOT NULL,
	`retired_at` integer,
	CONSTRAINT "reward_cost" CHECK("reward"."cost" > 0),
	CONSTRAINT "reward_stock" CHECK("reward"."stock" is null or "reward"."stock" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `reward_slug_unique` ON `reward` (`slug`);--> statement-breakpoint
CREATE TABLE `reward_redemption` (
	`id` text PRIMARY KEY NOT NULL,
	`operation_id` text NOT NULL,
	`reward_id` text NOT NULL,
	`user_id` text NOT NULL,
	`cost` integer NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`reward_id`) REFERENCES `reward`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "reward_redemption_state" CHECK("reward_redemption"."state" in ('pending', 'granted', 'refused'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `reward_redemption_operation_id_unique` ON `reward_redemption` (`operation_id`);--> statement-breakpoint
CREATE INDEX `reward_redemption_user` ON `reward_redemption` (`user_id`,`reward_id`);--> statement-breakpoint
CREATE INDEX `reward_redemption_reward` ON `reward_redemption` (`reward_id`);--> statement-breakpoint
CREATE TABLE `room` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`topic` text DEFAULT '' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`epoch` text NOT NULL,
	`head_seq` integer DEFAULT 0 NOT NULL,
	`head_message_number` integer DEFAULT 0 NOT NULL,
	`min_seq` integer DEFAULT 1 NOT NULL,
	`member_count` integer DEFAULT 0 NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "room_visibility" CHECK("room"."visibility" in ('public', 'private')),
	CONSTRAINT "room_heads" CHECK("room"."head_seq" >= "room"."head_message_number" and "room"."head_message_number" >= 0),
	CONSTRAINT "room_min_seq" CHECK("room"."min_seq" between 1 and "room"."head_seq" + 1),
	CONSTRAINT "room_member_count" CHECK("room"."member_count" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `room_slug_unique` ON `room` (`slug`);--> statement-breakpoint
CREATE TABLE `room_event` (
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
	CONSTRAINT "room_event_kind" CHECK("room_event"."kind" in ('message', 'edit', 'delete', 'reaction')),
	CONSTRAINT "room_event_seq" CHECK("room_event"."seq" >= 1),
	CONSTRAINT "room_event_payload_json" CHECK("room_event"."payload" is null or json_valid("room_event"."payload"))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `room_event_message` ON `room_event` (`message_id`);--> statement-breakpoint
CREATE INDEX `room_event_actor` ON `room_event` (`actor_id`);--> statement-breakpoint
CREATE TABLE `room_member` (
	`room_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text DEFAULT 'member' NOT NULL,
	`joined_at` integer NOT NULL,
	PRIMARY KEY(`room_id`, `user_id`),
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "room_member_role" CHECK("room_member"."role" in ('owner', 'moderator', 'member'))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `room_member_user` ON `room_member` (`user_id`,`room_id`);--> statement-breakpoint
CREATE TABLE `sanction` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`room_id` text,
	`kind` text NOT NULL,
	`reason` text NOT NULL,
	`issued_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`lifted_at` integer,
	`lifted_by` text,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`room_id`) REFERENCES `room`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`issued_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`lifted_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "sanction_kind" CHECK("sanction"."kind" in ('mute', 'kick', 'ban'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `sanction_user` ON `sanction` (`user_id`,`room_id`);--> statement-breakpoint
CREATE INDEX `sanction_room` ON `sanction` (`room_id`);--> statement-breakpoint
CREATE TABLE `season` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`title` text NOT NULL,
	`state` text NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`finished_at` integer,
	CONSTRAINT "season_state_word" CHECK("season"."state" in ('upcoming', 'running', 'finished')),
	CONSTRAINT "season_span" CHECK("season"."ends_at" > "season"."starts_at"),
	CONSTRAINT "season_finished" CHECK(("season"."state" = 'finished') = ("season"."finished_at" is not null))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `season_number_unique` ON `season` (`number`);--> statement-breakpoint
CREATE INDEX `season_state` ON `season` (`state`,`starts_at`);--> statement-breakpoint
CREATE TABLE `season_result` (
	`season_id` text NOT NULL,
	`board_name` text NOT NULL,
	`user_id` text NOT NULL,
	`rank` integer NOT NULL,
	`score` real NOT NULL,
	PRIMARY KEY(`season_id`, `board_name`, `user_id`),
	FOREIGN KEY (`season_id`) REFERENCES `season`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`board_name`) REFERENCES `board`(`name`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "season_result_rank_positive" CHECK("season_result"."rank" >= 1)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `season_result_rank` ON `season_result` (`season_id`,`board_name`,`rank`);--> statement-breakpoint
CREATE INDEX `season_result_user` ON `season_result` (`user_id`);--> statement-breakpoint
CREATE INDEX `season_result_board` ON `season_result` (`board_name`);--> statement-breakpoint
CREATE TABLE `session` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_digest` text NOT NULL,
	`previous_digest` text,
	`previous_valid_until` integer,
	`revision` integer NOT NULL,
	`data` text NOT NULL,
	`device` text,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`absolute_expires_at` integer NOT NULL,
	`revoked_at` integer,
	`redis_synced` integer DEFAULT true NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "session_secret_digest_sha256" CHECK(length("session"."secret_digest") = 64 and "session"."secret_digest" not glob '*[^0-9a-f]*'),
	CONSTRAINT "session_previous_digest_sha256" CHECK(length("session"."previous_digest") = 64 and "session"."previous_digest" not glob '*[^0-9a-f]*'),
	CONSTRAINT "session_previous_complete" CHECK(("session"."previous_digest" is null) = ("session"."previous_valid_until" is null)),
	CONSTRAINT "session_revision" CHECK("session"."revision" >= 1),
	CONSTRAINT "session_data_json" CHECK(json_valid("session"."data")),
	CONSTRAINT "session_redis_synced" CHECK("session"."redis_synced" in (0, 1)),
	CONSTRAINT "session_expiry_capped" CHECK("session"."expires_at" <= "session"."absolute_expires_at")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `session_secret_digest` ON `session` (`secret_digest`);--> statement-breakpoint
CREATE UNIQUE INDEX `session_previous_digest` ON `session` (`previous_digest`) WHERE previous_digest is not null;--> statement-breakpoint
CREATE INDEX `session_user` ON `session` (`user_id`,`expires_at`);--> statement-breakpoint
CREATE INDEX `session_expires_at` ON `session` (`expires_at`);--> statement-breakpoint
CREATE INDEX `session_revoked_at` ON `session` (`revoked_at`) WHERE revoked_at is not null;--> statement-breakpoint
CREATE INDEX `session_unsynced` ON `session` (`user_id`) WHERE redis_synced = 0;--> statement-breakpoint
CREATE TABLE `tag` (
	`name` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "tag_name" CHECK("tag"."name" = lower("tag"."name") and length("tag"."name") between 1 and 40)
) STRICT;
--> statement-breakpoint
CREATE TABLE `user` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`display_name` text NOT NULL,
	`email` text NOT NULL,
	`email_normalized` text NOT NULL,
	`email_verified_at` integer,
	`password_hash` text NOT NULL,
	`role` text DEFAULT 'member' NOT NULL,
	`bio` text DEFAULT '' NOT NULL,
	`avatar_hue` integer NOT NULL,
	`search_text` text NOT NULL,
	`disabled_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "user_username_lower" CHECK("user"."username" = lower("user"."username") and length("user"."username") between 1 and 64),
	CONSTRAINT "user_role" CHECK("user"."role" in ('member', 'admin')),
	CONSTRAINT "user_avatar_hue" CHECK("user"."avatar_hue" between 0 and 359)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `user_username_unique` ON `user` (`username`);--> statement-breakpoint
CREATE UNIQUE INDEX `user_email_normalized_unique` ON `user` (`email_normalized`);--> statement-breakpoint
CREATE INDEX `user_created_at` ON `user` (`created_at`);