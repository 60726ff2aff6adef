/** Slack's text format, read into a tree. What is drawn from it is text and elements, never markup from the message. */

type Piece =
  | { kind: "text" | "code" | "block"; text: string }
  | { kind: "bold" | "italic" | "strike" | "quote"; pieces: Piece[] }
  | { kind: "user" | "channel" | "special"; id: string; label?: string }
  | { kind: "link"; url: string; label: string }
  | { kind: "break" };

/** Code comes first: nothing inside it means anything. */
const codePattern = /```([\s\S]+?)```|`([^`\n]+)`/g;
const controlPattern = /<([^<>\n]+)>/g;
/** A pair of marks round words, not inside a word. Source: https://docs.slack.dev/messaging/formatting-message-text */
const stylePattern = /(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\1)[^\n])*?\S)\1(?![\p{L}\p{N}])/gu;

const styles: Record<string, "bold" | "italic" | "strike"> = { "*": "bold", _: "italic", "~": "strike" };

const parseMrkdwn = (text: string): Piece[] =>
  splitBy(text, codePattern, readLines, ([, block, code]) =>
    block === undefined ? { kind: "code", text: decode(code!) } : { kind: "block", text: decode(block.replace(/^\n/, "")) },
  );

const quotePattern = /^(?:&gt;|>)\s?(.*)$/s;

/** Lines that begin with `>` are quotes, which end with the line themselves. */
const readLines = (text: string): Piece[] =>
  text.split("\n").flatMap((line, index, lines): Piece[] => {
    const quoted = quotePattern.exec(line);
    const pieces: Piece[] = quoted === null ? readControls(line) : [{ kind: "quote", pieces: readControls(quoted[1]!) }];
    return index === 0 || quotePattern.test(lines[index - 1]!) ? pieces : [{ kind: "break" }, ...pieces];
  });

const readControls = (line: string): Piece[] => splitBy(line, controlPattern, readStyles, ([, inside]) => readControl(inside!));

const readControl = (inside: string): Piece => {
  const [target = "", label] = inside.split("|", 2);
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), label };
  if (target.startsWith("!")) return { kind: "special", id: target.slice(1), label };
  // Other schemes than these could run something when they are clicked.
  if (/^(https?|mailto):/i.test(target)) return { kind: "link", url: decode(target), label: decode(label ?? target) };
  return { kind: "text", text: `<${decode(inside)}>` };
};

const readStyles = (text: string): Piece[] =>
  splitBy(
    text,
    stylePattern,
    plain => [{ kind: "text", text: decode(plain) }],
    ([, mark, inside]) => ({
      kind: styles[mark!]!,
      pieces: readStyles(inside!),
    }),
  );

/** Cuts a text at the matches of a pattern; what lies between is read by `read`. */
const splitBy = (text: string, pattern: RegExp, read: (between: string) => Piece[], make: (match: RegExpExecArray) => Piece): Piece[] => {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push(...read(text.slice(end, match.index)));
    pieces.push(make(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(...read(text.slice(end)));
  return pieces;
};

const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

const decode = (text: string) => text.replace(/&(?:amp|lt|gt);/g, entity => entities[entity]!);

/** What it says without any form, for screen readers. `nameOf` knows the names of users and channels by their ids. */
const plainText = (pieces: Piece[], nameOf: (id: string) => string | undefined): string =>
  pieces
    .map(piece => {
      switch (piece.kind) {
        case "bold":
        case "italic":
        case "strike":
        case "quote":
          return plainText(piece.pieces, nameOf);
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

interface Names {
  /** By handle, without the at sign. */
  users: ReadonlyMap<string, string>;
  channels: ReadonlyMap<string, string>;
}

/** What a person types, in Slack's own form: three characters are escaped, known `@names` and `#channels` become mentions. */
const writeMrkdwn = (typed: string, { users, channels }: Names): string =>
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
export { parseMrkdwn, plainText, writeMrkdwn };
