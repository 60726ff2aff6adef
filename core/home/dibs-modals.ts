/** The modals for turns: to claim a resource, to add one, and to rename one. */
import { parseTurnLength } from "#core/dibs/duration";
import { foldName, parseName } from "#core/dibs/name";
import { MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { buildModal, type Entered, type Field, type FieldErrors } from "#core/home/modal";
import type { JsonObject } from "#core/json";
import { isProblem, type Problem } from "#core/problem";

type ClaimField = "name" | "for" | "reason";
type AddField = "name";
type RenameField = "name" | "to";

interface EnteredClaim {
  name: string;
  /** Seconds; null for an open turn, undefined for the default. */
  forSeconds: number | null | undefined;
  reason?: string;
}

type Parsed<Value, Name extends string> = { value: Value } | { errors: FieldErrors<Name> };

const MAX_NAME_CHARACTERS = 64;
const MAX_SPAN_CHARACTERS = 60;

const nameField = (label: string, value = ""): Field => ({
  name: "name",
  label,
  value,
  element: { type: "text", maxCharacters: MAX_NAME_CHARACTERS },
});

const buildClaimModal = (name: string): JsonObject =>
  buildModal("home_claim", "Claim a resource", [
    nameField("Resource", name),
    {
      name: "for",
      label: "How long",
      hint: 'For example "45 minutes", "2h" or "open". Empty for the usual time.',
      isOptional: true,
      element: { type: "text", maxCharacters: MAX_SPAN_CHARACTERS },
    },
    { name: "reason", label: "Reason", isOptional: true, element: { type: "text", maxCharacters: MAX_REASON_CHARACTERS } },
  ]);

const buildAddModal = (): JsonObject => buildModal("home_add", "Add a resource", [nameField("Name")]);

const buildRenameModal = (): JsonObject =>
  buildModal("home_rename", "Rename a resource", [
    nameField("Resource"),
    { name: "to", label: "New name", element: { type: "text", maxCharacters: MAX_NAME_CHARACTERS } },
  ]);

const parseClaim = (entered: Entered<ClaimField>): Parsed<EnteredClaim, ClaimField> => {
  const name = readName(entered.name);
  const span = (entered.for ?? "").trim();
  const forSeconds = span === "" ? undefined : parseTurnLength(span);
  const reason = (entered.reason ?? "").toWellFormed().replace(/\s+/g, " ").trim();
  if (isProblem(name) || isProblem(forSeconds)) return { errors: collect({ name, for: forSeconds }) };
  return { value: { name, forSeconds, ...(reason === "" ? {} : { reason }) } };
};

const parseAdd = (entered: Entered<AddField>): Parsed<{ name: string }, AddField> => {
  const name = readName(entered.name);
  return isProblem(name) ? { errors: collect({ name }) } : { value: { name } };
};

const parseRename = (entered: Entered<RenameField>): Parsed<{ name: string; to: string }, RenameField> => {
  const [name, to] = [readName(entered.name), readName(entered.to)];
  if (isProblem(name) || isProblem(to)) return { errors: collect({ name, to }) };
  return foldName(name) === foldName(to) ? { errors: { to: "It already has that name." } } : { value: { name, to } };
};

const readName = (text = ""): string | Problem => parseName(text.trim());

const collect = <Name extends string>(values: Record<Name, unknown>): FieldErrors<Name> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (isProblem(value) ? [[name, value.problem]] : [])),
  ) as FieldErrors<Name>;

export { buildAddModal, buildClaimModal, buildRenameModal, parseAdd, parseClaim, parseRename };
