export { rejectionOf, thrownBy } from "@slack-fanout/laptop-cloud/testing";
