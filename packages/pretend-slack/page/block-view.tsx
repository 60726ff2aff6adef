import { toSameSite } from "@slack-fanout/laptop-cloud/page";
import type { ComponentChildren } from "preact";
import type { Block, BlockElement, Text, Workspace } from "../src/protocol";
import { Formatted } from "./formatted";
import { renderEmoji } from "./glyphs";
import { toMrkdwn } from "./markdown";
import { Cursor, PlanView, SAFE_URL, TaskView } from "./stream-view";

interface Props {
  block: Block;
  /** Whether the app still appends to it. */
  isGrowing?: boolean;
  workspace: Workspace;
  press(actionId: string, value?: string): void;
  /** Renders an element that one chooses something in. Messages have none: their kind is shown. */
  renderChoice?(element: BlockElement): ComponentChildren;
}

const choices = ["static_select", "users_select", "conversations_select", "checkboxes", "radio_buttons"];

/** Renders the kinds of blocks that our apps use. For others it shows the kind. */
const BlockView = ({ block, isGrowing = false, workspace, ...controls }: Props) => {
  switch (block.type) {
    case "markdown":
      return (
        <div class="text">
          <Formatted text={toMrkdwn(plainTextOf(block))} workspace={workspace} />
          {isGrowing ? <Cursor /> : null}
        </div>
      );
    case "task_card":
      return <TaskView task={block} />;
    case "plan":
      return <PlanView plan={block} />;
    case "divider":
      return <hr />;
    case "header":
      return <h3>{renderEmoji(plainTextOf(block))}</h3>;
    case "section":
      return (
        <div class="text">
          {block.text === undefined ? null : renderText(toText(block.text), workspace)}
          {block.fields === undefined ? null : (
            <div class="fields">
              {block.fields.map((text, index) => (
                <p key={index}>{renderText(text, workspace)}</p>
              ))}
            </div>
          )}
          {block.accessory === undefined ? null : <Controls elements={[block.accessory]} {...controls} />}
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
    case "context_actions":
      return <Controls elements={(block.elements ?? []).flatMap(splitFeedback)} {...controls} />;
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
  return renderText(toText(text, type), workspace);
};

const toText = (text: Text | string, type?: string): Text => (typeof text === "string" ? { type, text } : text);

const plainTextOf = ({ text = "" }: Pick<Block, "text">): string => (typeof text === "string" ? text : text.text);

/** Feedback is one element with two buttons. */
const splitFeedback = ({ action_id, positive_button, negative_button, ...element }: BlockElement): BlockElement[] => {
  if (element.type !== "feedback_buttons") return [{ ...element, action_id }];
  return [positive_button, negative_button].flatMap(button => (button === undefined ? [] : [{ type: element.type, action_id, ...button }]));
};

type ControlProps = Pick<Props, "press" | "renderChoice">;

const Controls = ({ elements, press, renderChoice }: ControlProps & { elements: BlockElement[] }) => (
  <div class="actions">
    {elements.map((element, index) =>
      renderChoice !== undefined && choices.includes(element.type) ? (
        <span key={index}>{renderChoice(element)}</span>
      ) : (
        <Control key={index} element={element} press={press} />
      ),
    )}
  </div>
);

const BUTTONS: ReadonlySet<string> = new Set(["button", "icon_button", "feedback_buttons"]);

/** A button. As in Slack, the app is also notified of a click on a button with a link. */
const Control = ({
  element: { type, action_id: actionId = "", value, text, style, url = "", accessibility_label },
  press,
}: Pick<Props, "press"> & { element: BlockElement }) => {
  if (!BUTTONS.has(type)) return <span>[{type}]</span>;
  const label = renderEmoji(plainTextOf({ text }));
  const onClick = () => press(actionId, value);
  return SAFE_URL.test(url) ? (
    <a class="button" href={toSameSite(url, location.hostname)} target="_blank" rel="noreferrer noopener" onClick={onClick}>
      {label}
    </a>
  ) : (
    <button type="button" class={style} aria-label={accessibility_label} onClick={onClick}>
      {label}
    </button>
  );
};

export { BlockView };
