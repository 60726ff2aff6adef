import { toSameSite } from "@slack-fanout/laptop-cloud/page";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Workspace } from "../src/protocol";
import { renderEmoji } from "./glyphs";
import { type Piece, parseMrkdwn } from "./mrkdwn";

/** Renders Slack's mrkdwn as elements. Text from a message never becomes markup. */
const Formatted = ({ text, workspace }: { text: string; workspace: Workspace }) => {
  const pieces = useMemo(() => parseMrkdwn(text), [text]);
  return <>{pieces.map(piece => render(piece, workspace))}</>;
};

const render = (piece: Piece, workspace: Workspace): ComponentChildren => {
  switch (piece.kind) {
    case "text":
      return renderEmoji(piece.text);
    case "break":
      return <br />;
    case "code":
      return <code>{piece.text}</code>;
    case "block":
      return <pre>{piece.text}</pre>;
    case "bold":
      return <b>{renderAll(piece.pieces, workspace)}</b>;
    case "italic":
      return <i>{renderAll(piece.pieces, workspace)}</i>;
    case "strike":
      return <s>{renderAll(piece.pieces, workspace)}</s>;
    case "quote":
      return <blockquote>{renderAll(piece.pieces, workspace)}</blockquote>;
    case "user":
      return <span class="mention">@{workspace.users.find(({ id }) => id === piece.id)?.name ?? piece.label ?? piece.id}</span>;
    case "channel":
      return <span class="mention">#{workspace.channels.find(({ id }) => id === piece.id)?.name ?? piece.label ?? piece.id}</span>;
    case "special":
      return <span class="mention">{piece.label ?? `@${piece.id}`}</span>;
    case "link":
      return (
        <a href={toSameSite(piece.url, location.hostname)} rel="noreferrer noopener" target="_blank">
          {piece.label}
        </a>
      );
  }
};

const renderAll = (pieces: Piece[], workspace: Workspace) => pieces.map(piece => render(piece, workspace));

export { Formatted };
