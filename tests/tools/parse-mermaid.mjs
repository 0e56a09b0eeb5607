// SPDX-License-Identifier: GPL-2.0-or-later
// Usage: node parse-mermaid.mjs FOLDER FILE...
//
// Has Mermaid's own parser read each chart that begins with "flowchart LR" in the files: pictures,
// a page, or what a golden test expects. FOLDER is one in which its packages mermaid and jsdom were
// installed; no test needs them (see CONTRIBUTING.md). Prints how many nodes and edges each has.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

const [folder, ...files] = process.argv.slice(2);
if (!files.length) {
	console.error('usage: node parse-mermaid.mjs FOLDER FILE...');
	process.exit(2);
}
const { JSDOM } = createRequire(path.resolve(folder, 'x'))('jsdom');
const { window } = new JSDOM('<!DOCTYPE html><body></body>');
Object.assign(globalThis, { window, document: window.document });
for (const name of ['Element', 'Node', 'DOMParser', 'DocumentFragment', 'NodeFilter',
	'NamedNodeMap', 'HTMLTemplateElement'])
	globalThis[name] = window[name];
const file = path.resolve(folder, 'node_modules/mermaid/dist/mermaid.core.mjs');
const mermaid = (await import(pathToFileURL(file))).default;
mermaid.initialize({ startOnLoad: false, maxEdges: 1e6, maxTextSize: 1e8 });

// A chart goes on as long as its lines are indented.
function chartsOf(text) {
	const charts = [];
	let chart = null;
	for (const line of text.split('\n')) {
		if (line === 'flowchart LR')
			charts.push(chart = [line]);
		else if (chart && line.startsWith('  '))
			chart.push(line);
		else
			chart = null;
	}
	return charts.map((lines) => lines.join('\n') + '\n');
}

let failures = 0;
for (const name of files) {
	for (const [i, chart] of chartsOf(fs.readFileSync(name, 'utf8')).entries()) {
		try {
			const { db } = await mermaid.mermaidAPI.getDiagramFromText(chart);
			const labels = [...db.getVertices().values()].map((node) => node.labelType);
			const lines = chart.split('\n');
			const wanted = lines.filter((line) => /^ +n\d+[[({]/.test(line)).length;
			const joined = lines.filter((line) => /^ +n\d+ [-=<]/.test(line)).length;
			console.log(`${name} ${i}: ${db.getVertices().size} nodes, ${db.getEdges().length} edges`);
			if (db.getVertices().size !== wanted || db.getEdges().length !== joined ||
			    labels.includes('markdown'))
				throw new Error(`${wanted} nodes and ${joined} edges were written`);
		} catch (error) {
			console.log(`${name} ${i}: ${error.message}`);
			failures++;
		}
	}
}
process.exit(failures ? 1 : 0);
