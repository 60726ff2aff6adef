/** Welcomes a person who joined: in a message to the person, or to the team. */
import type { TopicArn } from "#core/named";
import type { Notice } from "#core/notice/notice";
import type { Joined, Person } from "#core/onboarding/person";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";

interface WelcomeSettings {
  successesTopicArn: TopicArn;
  /** The person gets a direct message; the team reads about the person in the channel of notices. */
  to: "person" | "team";
}

class Welcome {
  constructor(
    private readonly successes: Pick<NoticesTopic, "publish">,
    private readonly settings: Pick<WelcomeSettings, "to">,
  ) {}

  /** May run twice: Slack shows notices with the same id once. */
  async handle({ person }: Joined): Promise<{ to: string }> {
    const { to } = this.settings;
    await this.successes.publish(to === "person" ? this.greet(person) : this.introduce(person));
    return { to };
  }

  greet({ team, user, name }: Person): Notice {
    const text = `Welcome, ${name}! Ask in any channel if something is missing.`;
    return { id: `${team}-${user}-greeting`, outcome: "success", title: "Your accounts are ready", text, team, user };
  }

  introduce({ team, user, name, kind }: Person): Notice {
    const text = `${name} joined the team as a ${kind}. Say hello!`;
    return { id: `${team}-${user}-introduction`, outcome: "success", title: "Somebody new", text, team };
  }
}

const create = (settings: WelcomeSettings): ((joined: Joined) => Promise<{ to: string }>) => {
  const task = new Welcome(createNoticesTopic(settings.successesTopicArn), settings);
  return joined => task.handle(joined);
};

export type { WelcomeSettings };
export { create, Welcome };
