/** A Block Kit block or element. The app wrote it; nothing has checked it against Block Kit. */
type Block = Record<string, unknown>;

export type { Block };
