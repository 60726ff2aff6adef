import { control } from "../control";
import { useReading } from "../reading";
import { toSameSite } from "../same-site";
import type { PanelProps } from "./panel";

/** The pretend mailbox of one address, or of all, newest first. */
const MailPanel = ({ name, hearing, fail }: Pick<PanelProps, "hearing" | "fail"> & { name?: string }) => {
  const mails = useReading(hearing, "mail", control.readMail, fail)?.filter(({ to }) => name === undefined || to === name);
  if (mails === undefined) return null;
  if (mails.length === 0) return <p class="empty">No mail yet.</p>;
  return (
    <ol class="cards">
      {[...mails].reverse().map(({ to, subject, body, links }, index) => (
        <li key={mails.length - index}>
          <details>
            <summary>
              {subject} <span class="empty">to {to}</span>
            </summary>
            <pre>{body}</pre>
            {links.map(link => (
              <p key={link}>
                <a href={toSameSite(link, location.hostname)} target="_blank" rel="noreferrer">
                  {link}
                </a>
              </p>
            ))}
          </details>
        </li>
      ))}
    </ol>
  );
};

export { MailPanel };
