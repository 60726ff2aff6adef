import { control } from "../control";
import { toSameSite } from "../same-site";
import { useLiveData } from "../use-live-data";

/** Mail to one address, or to all addresses; newest first. */
const MailPanel = ({ address }: { address?: string }) => {
  const mails = useLiveData("mail", control.readMail)?.filter(({ to }) => address === undefined || to === address);
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
