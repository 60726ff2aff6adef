/** The page for programs without parts of their own. */
import { showPage } from "./page";

showPage({});
