import type { Channel, Workspace } from "../src/protocol";

interface Props {
  workspace: Workspace;
  user: string;
  /** Id of the open channel. */
  channel: string;
  /** Number of new messages by channel. */
  unread: ReadonlyMap<string, number>;
  onUser(user: string): void;
  onChannel(channel: string): void;
}

/** The person to act as, and that person's conversations. */
const Channels = ({ workspace, user, channel, unread, onUser, onChannel }: Props) => {
  const conversations = listConversations(workspace, user);
  const people = workspace.users.filter(({ id }) => workspace.people.includes(id));
  return (
    <nav class="channels" aria-label="Workspace">
      <label>
        Acting as
        <select value={user} onChange={event => onUser(event.currentTarget.value)}>
          {people.map(({ id, realName }) => (
            <option value={id} key={id}>
              {realName}
            </option>
          ))}
        </select>
      </label>
      <ul>
        {conversations.map(({ id, name }) => (
          <li key={id}>
            <a
              href={`#${id}`}
              aria-current={id === channel ? "page" : undefined}
              onClick={event => {
                event.preventDefault();
                onChannel(id);
              }}
            >
              {name}
              {unread.has(id) ? (
                <span class="unread">
                  {" "}
                  {unread.get(id)}
                  <span class="hidden"> new</span>
                </span>
              ) : null}
            </a>
          </li>
        ))}
      </ul>
      <Installation workspace={workspace} />
    </nav>
  );
};

/** Public channels, private channels, then direct messages with each member. Before the first message these have the other member's id. */
const listConversations = ({ channels, users, app }: Workspace, user: string): { id: string; name: string }[] => {
  const mine = channels.filter(({ members }) => members.includes(user));
  const others = users.filter(({ id }) => id !== user && id !== "USLACKBOT" && (app !== null || id !== "UBOT01"));
  return [
    ...mine.filter(({ kind }) => kind === "channel").map(({ id, name }) => ({ id, name: `# ${name}` })),
    ...mine.filter(({ kind }) => kind === "group").map(({ id, name }) => ({ id, name: `# ${name} (private)` })),
    ...others.map(({ id, name }) => ({ id: findDirect(mine, user, id)?.id ?? id, name: `@ ${name}` })),
  ];
};

const findDirect = (channels: Channel[], one: string, other: string) =>
  channels.find(({ kind, members }) => kind === "im" && members.includes(one) && members.includes(other));

/** How the program's app is installed, and the problems with it. */
const Installation = ({ workspace: { app, webhook, triggerWords, problems } }: { workspace: Workspace }) => {
  const all = [...problems, ...(app?.events?.problem ? [app.events.problem] : [])];
  return (
    <section class="installation" aria-label="App">
      <h2>{app === null ? "No app installed" : app.name}</h2>
      {triggerWords.length === 0 ? null : (
        <p>
          {webhook === null ? "Trigger words" : "Outgoing webhook"}: {triggerWords.join(", ")}
        </p>
      )}
      {app === null || app.commands.length === 0 ? null : <p>Commands: {app.commands.map(({ command }) => command).join(" ")}</p>}
      {app?.events == null ? null : <p>Events: {app.events.verified ? "request URL verified" : "request URL not verified"}</p>}
      {all.map(problem => (
        <p class="warning" key={problem}>
          {problem}
        </p>
      ))}
    </section>
  );
};

export { Channels, findDirect };
