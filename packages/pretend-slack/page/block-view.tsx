import { toSameSite } from "@slack-fanout/laptop-cloud/page";
import type { ComponentChildren } from "preact";
import type { Block, BlockElement, Text, Workspace } from "../src/protocol";
import { Formatted } from "./formatted";
import { renderEmoji } from "./glyphs";

interface Props {
  block: Block;
  workspace: Workspace;
  press(actionId: string, value?: string): void;
}

/** Renders the kinds of blocks that our apps use. For others it shows the kind. */
const BlockView = ({ block, workspace, press }: Props) => {
  switch (block.type) {
    case "divider":
      return <hr />;
    case "header":
      return <h3>{renderEmoji(block.text?.text ?? "")}</h3>;
    case "section":
      return (
        <div class="text">
          {block.text === undefined ? null : renderText(block.text, workspace)}
          {block.fields === undefined ? null : (
            <div class="fields">
              {block.fields.map((text, index) => (
                <p key={index}>{renderText(text, workspace)}</p>
              ))}
            </div>
          )}
          {block.accessory === undefined ? null : <Controls elements={[block.accessory]} press={press} />}
        </div>
      );
    case "context":
      return (
        <p class="context">
          {block.elements?.map((element, index) => (
            <span key={index}>{renderContext(element, workspace)}</span>
          ))}
        </p>
      );
    case "actions":
      return <Controls elements={block.elements ?? []} press={press} />;
    default:
      return <p class="context">[{block.alt_text ?? block.type}]</p>;
  }
};

/** Plain text has emoji and no other formatting. */
const renderText = ({ type, text }: Text, workspace: Workspace): ComponentChildren =>
  type === "plain_text" ? renderEmoji(text) : <Formatted text={text} workspace={workspace} />;

/** Renders texts. Images are on other servers, which the page must not contact, so it shows their alternative text. */
const renderContext = ({ type, text, alt_text: alt }: BlockElement, workspace: Workspace): ComponentChildren => {
  if (text === undefined) return `[${alt ?? type}]`;
  return renderText(typeof text === "string" ? { type, text } : text, workspace);
};

interface ControlProps extends Pick<Props, "press"> {
  element: BlockElement;
}

const Controls = ({ elements, press }: { elements: BlockElement[]; press: Props["press"] }) => (
  <p class="actions">
    {elements.map((element, index) => (
      <Control key={index} element={element} press={press} />
    ))}
  </p>
);

/** URLs with other schemes could run code. */
const SAFE_URL = /^(?:https?|mailto):/i;

/** A button. As in Slack, the app is also notified of a click on a button with a link. */
const Control = ({ element: { type, action_id: actionId = "", value, text, style, url = "" }, press }: ControlProps) => {
  if (type !== "button") return <span>[{type}]</span>;
  const label = renderEmoji(typeof text === "string" ? text : (text?.text ?? ""));
  const onClick = () => press(actionId, value);
  return SAFE_URL.test(url) ? (
    <a class="button" href={toSameSite(url, location.hostname)} target="_blank" rel="noreferrer noopener" onClick={onClick}>
      {label}
    </a>
  ) : (
    <button type="button" class={style} onClick={onClick}>
      {label}
    </button>
  );
};

export { BlockView };
