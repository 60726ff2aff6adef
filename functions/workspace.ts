/** Which deliveries are for this deployment. */

interface WorkspaceSettings {
  /** Slack's id of the one team to serve; any, when it is not configured. */
  teamId?: string | undefined;
  /** Slack's id of the one app to serve; any, when it is not configured. */
  appId?: string | undefined;
}

/** Tells whether a delivery comes from the configured team and app; what it does not tell can't differ. */
const isOurs = (settings: WorkspaceSettings, team: unknown, app: unknown): boolean =>
  (!settings.teamId || team === settings.teamId) && (!settings.appId || app === undefined || app === settings.appId);

export type { WorkspaceSettings };
export { isOurs };
