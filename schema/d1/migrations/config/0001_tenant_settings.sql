CREATE TABLE `api_tokens` (
	`token_id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`permissions` text NOT NULL,
	`scope` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE INDEX `api_tokens_org` ON `api_tokens` (`org_id`,`user_id`);--> statement-breakpoint
CREATE TABLE `change_records` (
	`change_id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`before` text NOT NULL,
	`after` text NOT NULL,
	`request_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `change_records_org_at` ON `change_records` (`org_id`,`at`);--> statement-breakpoint
CREATE TABLE `identity_claims` (
	`org_id` text NOT NULL,
	`event_user_id` text NOT NULL,
	`user_id` text NOT NULL,
	`claimed_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `event_user_id`, `user_id`)
);
--> statement-breakpoint
CREATE TABLE `ingest_key_details` (
	`key_id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`name` text NOT NULL,
	`allowed_ips` text DEFAULT '[]' NOT NULL,
	`allowed_origins` text DEFAULT '[]' NOT NULL,
	`created_by` text NOT NULL,
	`last_used_at` integer,
	`replaced_by` text
);
--> statement-breakpoint
CREATE INDEX `ingest_key_details_org` ON `ingest_key_details` (`org_id`);--> statement-breakpoint
ALTER TABLE `orgs` ADD `plan` text DEFAULT 'starter' NOT NULL;--> statement-breakpoint
ALTER TABLE `orgs` ADD `quotas` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `orgs` ADD `feature_grants` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `orgs` ADD `feature_choices` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `orgs` ADD `billing_email` text;--> statement-breakpoint
ALTER TABLE `orgs` ADD `stripe_customer_id` text;--> statement-breakpoint
ALTER TABLE `users` ADD `email_verified_at` integer;