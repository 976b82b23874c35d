CREATE TABLE `custom_metrics` (
	`org_id` text NOT NULL,
	`metric_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`query` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `metric_id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `custom_metrics_org_name` ON `custom_metrics` (`org_id`,`name`);--> statement-breakpoint
CREATE TABLE `pseudonym_keys` (
	`org_id` text PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tenant_policies` (
	`org_id` text NOT NULL,
	`subject` text NOT NULL,
	`document` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `subject`)
);
