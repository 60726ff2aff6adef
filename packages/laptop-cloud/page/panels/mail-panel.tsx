import { control } from "../control";
import { toSameSite } from "../same-site";
import { useLiveData } from "../use-live-data";

/** Mail to one address, or to all addresses; newest first, and open. */
const MailPanel = ({ address }: { address?: string }) => {
  const mails = useLiveData("mail", control.readMail)?.filter(({ to }) => address === undefined || to === address);
  if (mails === undefined) return null;
  if (mails.length === 0) return <p class="empty">No mail yet.</p>;
  return (
    <ol class="cards">
      {mails
        .map(({ to, subject, body }, index) => (
          <li key={index}>
            <details open={index === mails.length - 1}>
              <summary>
                {subject} <span class="empty">to {to}</span>
              </summary>
              <article class="mail" aria-label={subject}>
                <h3>{subject}</h3>
                <p class="empty">To: {to}</p>
                <p class="mail-body">
                  <LinkedText text={body} />
                </p>
              </article>
            </details>
          </li>
        ))
        .reverse()}
    </ol>
  );
};

/** Text in which addresses are links. */
const LinkedText = ({ text }: { text: string }) => (
  <>
    {text.split(/(https?:\/\/[^\s"<>]+)/).map((part, index) =>
      // What the pattern captured has odd indexes.
      index % 2 === 0 ? (
        part
      ) : (
        <a key={index} href={toSameSite(part, location.hostname)} target="_blank" rel="noreferrer">
          {part}
        </a>
      ),
    )}
  </>
);

export { MailPanel };
