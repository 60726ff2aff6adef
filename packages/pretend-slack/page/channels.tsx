import type { ComponentChildren } from "preact";
import type { Channel, Workspace } from "../src/protocol";
import { Avatar } from "./avatar";
import { Icon } from "./icon";
import { useAllChannels } from "./session";
import { type Unread, unreadIn, unreadOf } from "./unread";

interface Props {
  workspace: Workspace;
  user: string;
  /** Id of the open channel. */
  channel: string;
  unread: Unread;
  onUser(user: string): void;
  onChannel(channel: string): void;
  onTeam(team: string): void;
}

/** The id that stands for the app's Home among the channels. */
const HOME = "HOME";

/** The workspace, the person to act as, and that person's conversations. */
const Channels = ({ workspace, user, channel, unread, onUser, onChannel, onTeam }: Props) => {
  const mine = workspace.channels.filter(({ members }) => members.includes(user));
  const link = (id: string, children: ComponentChildren) => (
    <ChannelLink key={id} isOpen={id === channel} unread={unreadIn(unread, { user, channel: id })} {...{ id, onChannel }}>
      {children}
    </ChannelLink>
  );
  return (
    <nav class="channels" aria-label="Workspace">
      <label class="team-choice">
        Workspace
        <select value={workspace.team.id} onChange={event => onTeam(event.currentTarget.value)}>
          {workspace.teams.map(({ id, name }) => (
            <option value={id} key={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <ActingAs {...{ workspace, user, unread, onUser }} />
      <section aria-label="Channels">
        <h2>Channels</h2>
        <ul>
          {mine.filter(({ kind }) => kind === "channel").map(({ id, name }) => link(id, `# ${name}`))}
          {mine
            .filter(({ kind }) => kind === "group")
            .map(({ id, name }) =>
              link(
                id,
                <>
                  # {name} <Icon name="lock" />
                  <span class="hidden">(private)</span>
                </>,
              ),
            )}
        </ul>
      </section>
      <section aria-label="Direct messages">
        <h2>Direct messages</h2>
        <ul>
          {listOthers(workspace, user).map(({ id, name, realName }) =>
            link(
              findDirect(mine, user, id)?.id ?? id,
              <>
                <Avatar name={realName} />
                <span class="hidden">@ </span>
                {name}
              </>,
            ),
          )}
        </ul>
      </section>
      {workspace.app?.hasHome ? (
        <section aria-label="Apps">
          <h2>Apps</h2>
          <ul>{link(HOME, `Home of ${workspace.app.name}`)}</ul>
        </section>
      ) : null}
      <Installation workspace={workspace} />
    </nav>
  );
};

/** Selects the person to act as. Others show how much they have not seen. */
const ActingAs = ({ workspace, user, unread, onUser }: Pick<Props, "workspace" | "user" | "unread" | "onUser">) => {
  const channels = useAllChannels();
  const people = workspace.users.filter(({ id }) => workspace.people.includes(id));
  const newFor = (id: string) => (id === user ? 0 : unreadOf(unread, id, channels));
  return (
    <div class="acting-as">
      <span class="present" title="Active">
        <Avatar name={people.find(({ id }) => id === user)?.realName ?? user} />
      </span>
      <label>
        Acting as
        <select value={user} onChange={event => onUser(event.currentTarget.value)}>
          {people.map(({ id, realName }) => (
            <option value={id} key={id}>
              {newFor(id) === 0 ? realName : `${realName} (${newFor(id)} new)`}
            </option>
          ))}
        </select>
      </label>
      {people.some(({ id }) => newFor(id) > 0) ? <span class="others-new" title="Others have new messages" /> : null}
    </div>
  );
};

interface LinkProps extends Pick<Props, "onChannel"> {
  id: string;
  isOpen: boolean;
  unread: number;
  children: ComponentChildren;
}

const ChannelLink = ({ id, isOpen, unread, onChannel, children }: LinkProps) => (
  <li>
    <a
      href={`#${id}`}
      class={unread === 0 ? "" : "has-unread"}
      aria-current={isOpen ? "page" : undefined}
      onClick={event => {
        event.preventDefault();
        onChannel(id);
      }}
    >
      <span class="channel-name">{children}</span>
      {unread === 0 ? null : (
        <span class="unread">
          {" "}
          {unread}
          <span class="hidden"> new</span>
        </span>
      )}
    </a>
  </li>
);

/** The members to whom one can send direct messages. */
const listOthers = ({ users }: Workspace, user: string) => users.filter(({ id }) => id !== user && id !== "USLACKBOT");

const findDirect = (channels: Channel[], one: string, other: string) =>
  channels.find(({ kind, members }) => kind === "im" && members.includes(one) && members.includes(other));

/** How the program's app is installed, and the problems with it. */
const Installation = ({ workspace: { app, installUrl, webhook, triggerWords, problems } }: { workspace: Workspace }) => {
  const all = [...problems, ...(app?.events?.problem ? [app.events.problem] : [])];
  return (
    <section class="installation" aria-label="App">
      <h2>{app === null ? "No app installed" : app.name}</h2>
      {app !== null || installUrl === null ? null : (
        // With the host that it names: the install door binds the browser by a cookie of that host.
        <a class="button" href={installUrl} target="_blank" rel="noreferrer noopener">
          Add to Slack
        </a>
      )}
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

export { Channels, findDirect, HOME };
