/** Parses Slack's text format into a tree. */

type Piece =
  | { kind: "text" | "code" | "block"; text: string }
  | { kind: "bold" | "italic" | "strike" | "quote"; pieces: Piece[] }
  | { kind: "user" | "channel" | "special"; id: string; label?: string }
  | { kind: "link"; url: string; label: string }
  | { kind: "break" };

/** Parsed first, because code has no formatting inside. */
const CODE = /```([\s\S]+?)```|`([^`\n]+)`/g;
const CONTROL = /<([^<>\n]+)>/g;
/** A pair of marks around words, not inside a word. Source: https://docs.slack.dev/messaging/formatting-message-text */
const STYLE = /(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\1)[^\n])*?\S)\1(?![\p{L}\p{N}])/gu;

const STYLES: Record<string, "bold" | "italic" | "strike"> = { "*": "bold", _: "italic", "~": "strike" };

const parseMrkdwn = (text: string): Piece[] =>
  splitBy(text, CODE, parseLines, ([, block, code]) =>
    block === undefined ? { kind: "code", text: decode(code!) } : { kind: "block", text: decode(block.replace(/^\n/, "")) },
  );

const QUOTE = /^(?:&gt;|>)\s?(.*)$/s;

/** A line that begins with `>` is a quote. It needs no line break after it. */
const parseLines = (text: string): Piece[] =>
  text.split("\n").flatMap((line, index, lines): Piece[] => {
    const quoted = QUOTE.exec(line);
    const pieces: Piece[] = quoted === null ? parseControls(line) : [{ kind: "quote", pieces: parseControls(quoted[1]!) }];
    return index === 0 || QUOTE.test(lines[index - 1]!) ? pieces : [{ kind: "break" }, ...pieces];
  });

const parseControls = (line: string): Piece[] => splitBy(line, CONTROL, parseStyles, ([, inside]) => parseControl(inside!));

const parseControl = (inside: string): Piece => {
  const [target = "", label] = inside.split("|", 2);
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), label };
  if (target.startsWith("!")) return { kind: "special", id: target.slice(1), label };
  // Links with other schemes could run code.
  if (/^(https?|mailto):/i.test(target)) return { kind: "link", url: decode(target), label: decode(label ?? target) };
  return { kind: "text", text: `<${decode(inside)}>` };
};

const parseStyles = (text: string): Piece[] =>
  splitBy(
    text,
    STYLE,
    plain => [{ kind: "text", text: decode(plain) }],
    ([, mark, inside]) => ({
      kind: STYLES[mark!]!,
      pieces: parseStyles(inside!),
    }),
  );

/** Splits a text at the matches of a pattern. `build` turns a match into a piece; `parse` handles the text between matches. */
const splitBy = (text: string, pattern: RegExp, parse: (between: string) => Piece[], build: (match: RegExpExecArray) => Piece): Piece[] => {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push(...parse(text.slice(end, match.index)));
    pieces.push(build(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(...parse(text.slice(end)));
  return pieces;
};

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

const decode = (text: string) => text.replace(/&(?:amp|lt|gt);/g, entity => ENTITIES[entity]!);

/** The text without formatting, for screen readers. `nameOf` returns the name of a user or channel by id. */
const toPlainText = (pieces: Piece[], nameOf: (id: string) => string | undefined): string =>
  pieces
    .map(piece => {
      switch (piece.kind) {
        case "bold":
        case "italic":
        case "strike":
        case "quote":
          return toPlainText(piece.pieces, nameOf);
        case "user":
        case "special":
          return `@${nameOf(piece.id) ?? piece.label ?? piece.id}`;
        case "channel":
          return `#${nameOf(piece.id) ?? piece.label ?? piece.id}`;
        case "link":
          return piece.label;
        case "break":
          return " ";
        default:
          return piece.text;
      }
    })
    .join("");

const MENTION = /<([@#])([^<>|\n]+)(?:\|([^<>\n]*))?>/g;
const ADDRESS = /<(https?:[^<>|\n]+)(?:\|[^<>\n]*)?>/g;

/** Turns Slack's format into text that `formatMrkdwn` turns back. `nameOf` returns the name of a user or channel by id. */
const toTypedText = (text: string, nameOf: (id: string) => string | undefined): string =>
  decode(
    text
      .replace(MENTION, (_, mark: string, id: string, label: string | undefined) => `${mark}${nameOf(id) ?? label ?? id}`)
      .replace(ADDRESS, "$1"),
  );

interface Names {
  /** By handle, without the at sign. */
  users: ReadonlyMap<string, string>;
  channels: ReadonlyMap<string, string>;
}

/** Turns typed text into Slack's format: escapes three characters, and turns known `@names` and `#channels` into mentions. */
const formatMrkdwn = (typed: string, { users, channels }: Names): string =>
  typed
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/(^|[^\p{L}\p{N}])([@#])([\p{L}\p{N}_-]+)/gu, (whole, before: string, mark: string, name: string) => {
      const id = (mark === "@" ? users : channels).get(name);
      if (id === undefined) return whole;
      return mark === "@" ? `${before}<@${id}>` : `${before}<#${id}|${name}>`;
    });

export type { Names, Piece };
export { formatMrkdwn, parseMrkdwn, toPlainText, toTypedText };
