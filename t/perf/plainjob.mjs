// plainjob.mjs NPM QUEUE put | take N - the same jobs with plainjob, which was
// installed in the directory NPM: NUL-separated paths from stdin are put in,
// or N jobs are taken, done and counted.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [npm, file, verb, count] = process.argv.slice(2);
const require = createRequire(pathToFileURL(npm + "/"));
const Database = require("better-sqlite3");
const { better, defineQueue, defineWorker } = await import(
	pathToFileURL(npm + "/node_modules/plainjob/dist/plainjob.js"));
const silent = { error() {}, warn() {}, info() {}, debug() {} };
const queue = defineQueue({
	connection: better(new Database(file)),
	logger: silent,
});

if (verb === "put") {
	const paths = readFileSync(0, "utf8").split("\0").filter(Boolean);
	for (let at = 0; at < paths.length; at += 10000)
		queue.addMany("job", paths.slice(at, at + 10000));
} else {
	let left = Number(count);
	const worker = defineWorker("job", () => {}, {
		queue,
		logger: silent,
		onCompleted() {
			if (--left === 0)
				worker.stop();
		},
	});
	await worker.start();
}
queue.close();
