CREATE TABLE `ingest_keys` (
	`key_id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`jurisdiction` text NOT NULL,
	`secret_hash` text NOT NULL,
	`key_class` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `ingest_keys_org` ON `ingest_keys` (`org_id`);--> statement-breakpoint
CREATE TABLE `org_routes` (
	`org_id` text PRIMARY KEY NOT NULL,
	`jurisdiction` text NOT NULL
);
