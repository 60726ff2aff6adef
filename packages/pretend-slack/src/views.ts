import { randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { State, StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import { SlackError } from "./slack-error";
import { secondsOf } from "./timestamp";
import type { ViewContent, ViewValues } from "./view";
import { initialValues } from "./view-values";

/** A Home, or a modal that is open. */
interface View extends ViewContent {
  id: string;
  /** Who sees it. */
  user: string;
  /** Changes with the view. */
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  values: ViewValues;
  /** What the app says is wrong, by block. */
  errors?: Record<string, string>;
  /** Why the app did not take what was submitted. */
  problem?: string;
}

/** Source: https://docs.slack.dev/surfaces/modals */
const MAX_STACK = 3;

/** The views of one workspace: a Home for each person, and the stack of modals that a person has open. */
class Views {
  readonly #homes = new Map<string, View>();
  readonly #stacks = new Map<string, View[]>();

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async load() {
    for (const [, view] of await this.state.entries<View>("home/")) this.#homes.set(view.user, view);
    for (const [key, stack] of await this.state.entries<View[]>("modals/")) this.#stacks.set(key.slice("modals/".length), stack);
  }

  home(user: string): View | undefined {
    return this.#homes.get(user);
  }

  /** The modals that a person has open; the last is on top. */
  stack(user: string): readonly View[] {
    return this.#stacks.get(user) ?? [];
  }

  modal(user: string): View | undefined {
    return this.stack(user).at(-1);
  }

  find(id: string): View | undefined {
    return this.#all().find(view => view.id === id);
  }

  findExternal(externalId: string): View | undefined {
    return externalId === "" ? undefined : this.#all().find(view => view.external_id === externalId);
  }

  #all(): View[] {
    return [...this.#homes.values(), ...[...this.#stacks.values()].flat()];
  }

  /** Throws `SlackError` `hash_conflict`, `duplicate_external_id`. */
  async publish(user: string, content: ViewContent, hash: string | undefined): Promise<View> {
    const before = this.home(user);
    if (before !== undefined) verifyHash(before, hash);
    this.#refuseDuplicate(content, before);
    const view = this.#build(user, content, before);
    await this.write([this.#keepHome(view)]);
    return view;
  }

  /** Opens a modal; those that were open go. Throws `SlackError` `duplicate_external_id`. */
  async open(user: string, content: ViewContent): Promise<View> {
    this.#refuseDuplicate(content);
    const view = this.#build(user, content);
    await this.write([this.#keepStack(user, [view])]);
    return view;
  }

  /** Opens a modal above the one that is open. Throws `SlackError` `not_found`, `push_limit_reached`, `duplicate_external_id`. */
  async push(user: string, content: ViewContent): Promise<View> {
    const { view, change } = this.keepPushed(user, content);
    await this.write([change]);
    return view;
  }

  keepPushed(user: string, content: ViewContent): { view: View; change: StateChange } {
    const stack = this.stack(user);
    const below = stack.at(-1);
    if (below === undefined) throw new SlackError("not_found");
    if (stack.length >= MAX_STACK) throw new SlackError("push_limit_reached");
    this.#refuseDuplicate(content);
    const view = { ...this.#build(user, content), root_view_id: below.root_view_id, previous_view_id: below.id };
    return { view, change: this.#keepStack(user, [...stack, view]) };
  }

  /** Throws `SlackError` `hash_conflict`, `duplicate_external_id`. */
  async update(before: View, content: ViewContent, hash: string | undefined): Promise<View> {
    verifyHash(before, hash);
    const { view, change } = this.keepUpdated(before, content);
    await this.write([change]);
    return view;
  }

  keepUpdated(before: View, content: ViewContent): { view: View; change: StateChange } {
    this.#refuseDuplicate(content, before);
    const view = this.#build(before.user, content, before);
    return { view, change: this.keep(view) };
  }

  /** Keeps a view that is still there. */
  keep(view: View): StateChange {
    if (view.type === "home") return this.#keepHome(view);
    return this.#keepStack(
      view.user,
      this.stack(view.user).map(each => (each.id === view.id ? view : each)),
    );
  }

  /** Closes a modal with those above it, or all. */
  keepWithout(view: View, isCleared: boolean): StateChange {
    const stack = this.stack(view.user);
    const at = stack.findIndex(({ id }) => id === view.id);
    return this.#keepStack(view.user, isCleared ? [] : stack.slice(0, Math.max(0, at)));
  }

  write(changes: StateChange[]) {
    return this.state.batch(changes);
  }

  #keepHome(view: View): StateChange {
    this.#homes.set(view.user, view);
    return { put: `home/${view.user}`, value: view };
  }

  #keepStack(user: string, stack: View[]): StateChange {
    this.#stacks.set(user, stack);
    return { put: `modals/${user}`, value: stack };
  }

  /** What a person entered stays in the blocks that stay. */
  #build(user: string, content: ViewContent, before?: View): View {
    const id = before?.id ?? `V${randomBytes(5).toString("hex").toUpperCase()}`;
    return {
      ...content,
      id,
      user,
      hash: `${secondsOf(this.clock.nowMs())}.${randomBytes(4).toString("hex")}`,
      root_view_id: before?.root_view_id ?? id,
      previous_view_id: before?.previous_view_id ?? null,
      values: initialValues(content.blocks, before?.values),
    };
  }

  #refuseDuplicate({ external_id: externalId }: ViewContent, same?: View) {
    const other = this.findExternal(externalId);
    if (other !== undefined && other.id !== same?.id) throw new SlackError("duplicate_external_id");
  }
}

const verifyHash = (view: View, hash: string | undefined) => {
  if (hash !== undefined && hash !== view.hash) throw new SlackError("hash_conflict");
};

export type { View };
export { Views };
