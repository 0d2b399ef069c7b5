// GitHub's own workflow validator and its own expression engine, for the tests beside this file.
//   node github.mjs validate <file>...   prints {file: ["line: message", ...]}
//   node github.mjs evaluate             reads [{expression, context}], prints [value, ...]
// Their packages are in ALLCLEAR_NODE_MODULES; there is no package.json here on purpose.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

// The packages import JSON as bundlers do; Node asks for an attribute there, so JSON is handed over as a module.
const jsonAsModule = `
  import { readFile } from "node:fs/promises";
  export async function load(url, context, next) {
    if (!url.endsWith(".json")) return next(url, context);
    const source = "export default " + (await readFile(new URL(url), "utf8"));
    return { format: "module", source, shortCircuit: true };
  }`;
register(`data:text/javascript,${encodeURIComponent(jsonAsModule)}`);

const packages = pathToFileURL(`${process.env.ALLCLEAR_NODE_MODULES}/`);
const load = (file) => import(new URL(file, packages).href);

async function validate(files) {
  const { validate } = await load("@actions/languageservice/dist/index.js");
  const { TextDocument } = await load("vscode-languageserver-textdocument/lib/esm/main.js");
  const found = {};
  for (const file of files) {
    const text = TextDocument.create(pathToFileURL(file).href, "yaml", 1, readFileSync(file, "utf8"));
    const problems = await validate(text);
    found[file] = problems.map((problem) => `${problem.range.start.line + 1}: ${problem.message}`);
  }
  return found;
}

async function evaluate(questions) {
  const { Parser, Lexer, Evaluator, data } = await load("@actions/expressions/dist/index.js");
  return questions.map(({ expression, context }) => {
    const known = JSON.parse(JSON.stringify(context), data.reviver);
    const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(context), []).parse();
    return new Evaluator(tree, known).evaluate().coerceString();
  });
}

const [what, ...files] = process.argv.slice(2);
const answer = what === "validate" ? validate(files) : evaluate(JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(await answer));
