import type { Channel, Workspace } from "./cloud";

interface Props {
  workspace: Workspace;
  user: string;
  channel: string;
  unread: ReadonlySet<string>;
  onUser(user: string): void;
  onChannel(channel: string): void;
}

/** Who one acts as, and where one is. */
const Channels = ({ workspace, user, channel, unread, onUser, onChannel }: Props) => {
  const mine = workspace.channels.filter(({ members }) => members.includes(user));
  const people = workspace.users.filter(({ id }) => workspace.people.includes(id));
  return (
    <nav class="channels" aria-label="Workspace">
      <label>
        Acting as
        <select value={user} onChange={event => onUser(event.currentTarget.value)}>
          {people.map(({ id, name, realName }) => (
            <option value={id} key={id}>
              {realName} ({name})
            </option>
          ))}
        </select>
      </label>
      <ul>
        {mine.map(each => (
          <li key={each.id}>
            <a
              href={`#${each.id}`}
              aria-current={each.id === channel ? "page" : undefined}
              onClick={event => {
                event.preventDefault();
                onChannel(each.id);
              }}
            >
              {nameOf(each, user, workspace)}
              {unread.has(each.id) ? <span class="unread"> new</span> : null}
            </a>
          </li>
        ))}
      </ul>
      <Installation workspace={workspace} />
    </nav>
  );
};

const nameOf = (channel: Channel, user: string, workspace: Workspace) => {
  if (channel.kind === "channel") return `# ${channel.name}`;
  const other = channel.members.find(member => member !== user) ?? user;
  return `@ ${workspace.users.find(({ id }) => id === other)?.name ?? other}`;
};

/** How the program's app is installed, and what is wrong with it. */
const Installation = ({ workspace: { app, webhook, problems } }: { workspace: Workspace }) => {
  const all = [...problems, ...(app?.events?.problem ? [app.events.problem] : [])];
  return (
    <section class="installation" aria-label="App">
      <h2>{app === null ? "No app installed" : app.name}</h2>
      {webhook === null ? null : <p>Outgoing webhook: {webhook.triggerWords.join(", ")}</p>}
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

export { Channels };
