CREATE TABLE `dashboards` (
	`org_id` text NOT NULL,
	`dashboard_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`items` text NOT NULL,
	`version` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `dashboard_id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dashboards_org_owner_name` ON `dashboards` (`org_id`,`owner_id`,`name`);