/** Builds the notice that a person is set up. */
import { buildNotification, type Notification } from "#core/notice/notice";
import type { Joined } from "#core/onboarding/person";

interface ReportSettings {
  /** The systems in which a person gets an account. */
  systems: string[];
}

class Report {
  constructor(private readonly settings: ReportSettings) {}

  async handle({ person }: Joined): Promise<{ notice: Notification }> {
    const { team, user, name, kind } = person;
    const accounts = this.settings.systems.join(", ");
    const notice = buildNotification({
      id: `${team}-${user}-onboarded`,
      outcome: "success",
      title: "Onboarding complete",
      text: `${name} is set up as a ${kind}.`,
      fields: { person: name, accounts },
      team,
    });
    return { notice };
  }
}

const create = (settings: ReportSettings): ((joined: Joined) => Promise<{ notice: Notification }>) => {
  const task = new Report(settings);
  return joined => task.handle(joined);
};

export type { ReportSettings };
export { create, Report };
