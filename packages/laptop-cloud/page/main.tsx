/** The page of a program that brings no parts of its own. */
import { showPage } from "./page";

showPage({});
