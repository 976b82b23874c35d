/** ClickHouse for development, as the API tests start it. */
export { default } from "../api/global-setup.ts";
