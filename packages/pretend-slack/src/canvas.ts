/** A canvas: a document of the bot's. Canvases are files in Slack, and have ids like theirs. */
interface Canvas {
  id: string;
  title: string;
  markdown: string;
  /** Ids of the channels that may read it; nobody but the bot sees it before. */
  channels: string[];
  /** The channel whose own canvas it is; each has one at most. */
  ofChannel?: string;
  createdSeconds: number;
}

export type { Canvas };
