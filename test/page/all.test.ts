/**
 * The tests that need a browser and the pretend Slack. One file, so that they share one browser, whose start takes as much CPU time as many of them.
 * Each part also runs alone: `npx mocha test/page/story.ts`.
 */
import "./story";
import "./page";
import "./workspaces";
import "./containers";
import "./default-page";
