/** What people and pipelines are told who ask for a feature that this stack leaves out. */
const OFF = {
  documents: "The file archive is off here. An admin of the app can turn it on with the setting `features`.",
  dibs: "Turn queues are off here. An admin of the app can turn them on with the setting `features`.",
} as const;

export { OFF };
