import type { Block, ElementValue, Option, ShownView, Text, ViewBlock, ViewElement, Workspace } from "../src/protocol";
import { BlockView } from "./block-view";
import { renderEmoji } from "./glyphs";

interface Props {
  view: ShownView;
  workspace: Workspace;
  user: string;
  press(actionId: string, value?: unknown): void;
}

/** The blocks of a Home or modal, with what people enter. */
const ViewBlocks = ({ view, ...shared }: Props) => (
  <>
    {view.blocks.map(block => {
      const error = view.errors?.[block.block_id];
      const place = { block, values: view.state.values[block.block_id] ?? {}, id: `${view.id}-${block.block_id}`, ...shared };
      return block.type === "input" ? (
        <InputBlock key={block.block_id} {...place} error={error} />
      ) : (
        <PlainBlock key={block.block_id} {...place} />
      );
    })}
  </>
);

interface PlaceProps extends Omit<Props, "view"> {
  block: ViewBlock;
  values: Record<string, ElementValue>;
  /** Unique in the document. */
  id: string;
}

/** A block as in messages. Choosing something in it tells the app. */
const PlainBlock = ({ block, values, id, workspace, user, press }: PlaceProps) => (
  <BlockView
    block={block as Block}
    workspace={workspace}
    press={press}
    renderChoice={element => (
      <Entry
        element={element as ViewElement}
        value={values[element.action_id ?? ""]}
        name={nameOf(block.block_id, element.action_id)}
        label={String((element as { placeholder?: Text }).placeholder?.text ?? element.action_id)}
        {...{ id, workspace, user }}
        onChoose={value => press(element.action_id ?? "", value)}
      />
    )}
  />
);

/** The name of a form field. */
const nameOf = (blockId: string, actionId = "") => JSON.stringify([blockId, actionId]);

const InputBlock = ({ block, values, id, error, workspace, user }: PlaceProps & { error: string | undefined }) => {
  const { element, label, hint, optional = false } = block;
  if (element === undefined) return null;
  const isGroup = element.type === "checkboxes" || element.type === "radio_buttons";
  const notes = [hint === undefined ? undefined : `${id}-hint`, error === undefined ? undefined : `${id}-error`].filter(Boolean).join(" ");
  const title = (
    <>
      {renderEmoji(label?.text ?? "")}
      {optional ? <span class="empty"> (optional)</span> : null}
    </>
  );
  const field = (
    <Entry
      element={element}
      value={values[element.action_id ?? ""]}
      name={nameOf(block.block_id, element.action_id)}
      required={!optional}
      describedBy={notes === "" ? undefined : notes}
      isInvalid={error !== undefined}
      {...{ id, workspace, user }}
    />
  );
  return (
    <div class="input-block">
      {isGroup ? (
        <fieldset aria-describedby={notes === "" ? undefined : notes}>
          <legend>{title}</legend>
          {field}
        </fieldset>
      ) : (
        <>
          <label for={id}>{title}</label>
          {field}
        </>
      )}
      {hint === undefined ? null : (
        <p class="empty" id={`${id}-hint`}>
          {renderEmoji(hint.text)}
        </p>
      )}
      {error === undefined ? null : (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
};

interface EntryProps {
  element: ViewElement;
  value: ElementValue | undefined;
  id: string;
  name: string;
  workspace: Workspace;
  user: string;
  /** The name for assistive technology, where no label is beside the element. */
  label?: string;
  required?: boolean;
  describedBy?: string | undefined;
  isInvalid?: boolean;
  onChoose?(value: unknown): void;
}

/** An element that people enter or choose something in. */
const Entry = (props: EntryProps) => {
  const { element, value, id, name, label, required, describedBy, isInvalid } = props;
  const shared = { id, name, required, "aria-label": label, "aria-describedby": describedBy, "aria-invalid": isInvalid || undefined };
  switch (element.type) {
    case "plain_text_input": {
      const text = {
        ...shared,
        defaultValue: value?.value ?? "",
        placeholder: textOf(element["placeholder"]),
        minLength: numberOf(element["min_length"]),
        maxLength: numberOf(element["max_length"]),
      };
      return element["multiline"] === true ? <textarea rows={4} {...text} /> : <input type="text" {...text} />;
    }
    case "checkboxes":
    case "radio_buttons":
      return <Choices {...props} />;
    default:
      return <Menu {...props} shared={shared} />;
  }
};

const textOf = (text: unknown): string | undefined => (text as Text | undefined)?.text;

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A list to choose one from: options, people or conversations. */
const Menu = ({ element, value, workspace, user, required, onChoose, shared }: EntryProps & { shared: object }) => {
  const selected = value?.selected_option?.value ?? value?.selected_user ?? value?.selected_conversation ?? "";
  return (
    <select {...shared} onChange={event => onChoose?.(event.currentTarget.value === "" ? null : event.currentTarget.value)}>
      <option value="" disabled={required}>
        {textOf(element["placeholder"]) ?? "Choose one"}
      </option>
      {listItems(element, workspace, user).map(({ id, name }) => (
        <option key={id} value={id} selected={id === selected}>
          {name}
        </option>
      ))}
    </select>
  );
};

const listItems = ({ type, options = [] }: ViewElement, workspace: Workspace, user: string): { id: string; name: string }[] => {
  if (type === "users_select")
    return workspace.users.filter(({ id }) => id !== "USLACKBOT").map(({ id, realName }) => ({ id, name: realName }));
  if (type !== "conversations_select") return options.map(({ text, value }) => ({ id: value, name: String(renderEmoji(text.text)) }));
  return workspace.channels
    .filter(({ members }) => members.includes(user))
    .map(({ id, kind, name, members }) => ({ id, name: kind === "im" ? `@${nameOfOther(workspace, members, user)}` : `#${name}` }));
};

const nameOfOther = ({ users }: Workspace, members: string[], user: string) => {
  const other = members.find(member => member !== user) ?? user;
  return users.find(({ id }) => id === other)?.name ?? other;
};

/** Boxes to tick, of which one or several may be chosen. */
const Choices = ({ element: { type, options = [] }, value, id, name, required, onChoose }: EntryProps) => {
  const isOne = type === "radio_buttons";
  const chosen = isOne ? [value?.selected_option?.value] : (value?.selected_options ?? []).map(option => option.value);
  const choose = ({ value: option }: Option, isChecked: boolean) => {
    if (isOne) return onChoose?.(option);
    onChoose?.(options.map(each => each.value).filter(each => (each === option ? isChecked : chosen.includes(each))));
  };
  return (
    <div class="choices">
      {options.map((option, index) => (
        <label key={option.value}>
          <input
            type={isOne ? "radio" : "checkbox"}
            id={`${id}-${index}`}
            name={name}
            value={option.value}
            required={isOne && required}
            defaultChecked={chosen.includes(option.value)}
            onChange={event => choose(option, event.currentTarget.checked)}
          />{" "}
          {renderEmoji(option.text.text)}
          {option.description === undefined ? null : <span class="empty"> {renderEmoji(option.description.text)}</span>}
        </label>
      ))}
    </div>
  );
};

/** What a form holds, by block and action: as `POST /slack/submit` takes it. */
const readForm = (form: HTMLFormElement, { state: { values } }: ShownView): Record<string, Record<string, unknown>> => {
  const data = new FormData(form);
  const read = (blockId: string, actionId: string, { type }: ElementValue): unknown => {
    const name = nameOf(blockId, actionId);
    return type === "checkboxes" ? data.getAll(name) : data.get(name) || null;
  };
  return Object.fromEntries(
    Object.entries(values).map(([blockId, actions]) => [
      blockId,
      Object.fromEntries(Object.entries(actions).map(([actionId, value]) => [actionId, read(blockId, actionId, value)])),
    ]),
  );
};

export { readForm, ViewBlocks };
