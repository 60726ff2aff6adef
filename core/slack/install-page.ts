/** The pages of the install door. */
import { buildPage, escapeHtml } from "#core/http/page";

/** Texts of a page; they are escaped. */
interface InstallPage {
  title: string;
  text: string;
  /** A link below the text. */
  link?: { label: string; url: string };
}

const buildInstallPage = ({ title, text, link }: InstallPage): string =>
  buildPage(
    title,
    [`<p>${escapeHtml(text)}</p>`, link === undefined ? "" : `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`].join(
      "\n",
    ),
  );

export type { InstallPage };
export { buildInstallPage };
