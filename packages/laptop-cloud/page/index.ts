/** What the page of a program is built from. */
export { control, type Program } from "./control";
export type { EventStream } from "./event-stream";
export { useFileDrop } from "./file-drop";
export { dayOf, formatBytes, formatDay, formatTime } from "./format";
export { type PageOptions, showPage } from "./page";
export { usePage } from "./page-context";
export type { PanelProps } from "./panels/panel-props";
export { ScrollTable } from "./panels/scroll-table";
export type { WeatherControlProps } from "./panels/weather-panel";
export type { ExtraTab } from "./program-side";
export { createRefresh } from "./refresh";
export { post, request } from "./request";
export { toSameSite } from "./same-site";
export { Store, useStore } from "./store";
export { Time } from "./time";
export type { StepDescriber } from "./trace";
export { useLiveData } from "./use-live-data";
