/** These tests read and write a real ClickHouse. */
export { default } from "../../support/clickhouse-setup.ts";
