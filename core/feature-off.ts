/** Answers to people and pipelines that use what is off in this stack. */
const OFF = {
  documents: "The file archive is off here. An admin of the app can turn it on with the setting `features`.",
  dibs: "Turn queues are off here. An admin of the app can turn them on with the setting `features`.",
  personalBoards: "Lists of your own words are off here. An admin of the app can turn them on with the setting `personalBoards`.",
  boards: "Only the counts of all time are kept here. An admin of the app can turn the other lists on with the setting `publish`.",
} as const;

export { OFF };
