/** A canvas of the bot. In Slack canvases are files, and have the same kind of id. */
interface Canvas {
  id: string;
  title: string;
  markdown: string;
  /** Ids of the channels that may read it. Without any, only the bot sees it. */
  channels: string[];
  /** The channel whose channel canvas it is, if any. */
  ofChannel?: string;
  createdSeconds: number;
}

export type { Canvas };
