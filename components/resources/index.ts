export { HttpApi } from "./http-api";
export { messageVersions } from "./message-filter";
export { NoticesTopic } from "./notices";
export { Table } from "./table";
export { Topic } from "./topic";
