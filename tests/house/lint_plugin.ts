/**
 * The house's rules about lines of code, for `deno lint` and so for every editor: what the style page asks for and a
 * machine can see. Rules about whole files and the arrows between them are tests beside this file.
 * @module
 */

const FUNCTION_LINES_MAX = 60;
/** Two arguments and the options. */
const PARAMETERS_MAX = 3;

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "function-length": {
      create: (context) =>
        inTests(context.filename) ? {} : onFunctions((node) => {
          const lines = context.sourceCode.getText(node).split("\n").length;
          if (lines > FUNCTION_LINES_MAX) {
            context.report({ node, message: `Function of ${lines} lines: ${FUNCTION_LINES_MAX} at most` });
          }
        }),
    },
    "few-parameters": {
      create: (context) =>
        inTests(context.filename) || inStandIns(context.filename) ? {} : onFunctions((node) => {
          if (node.params.length <= PARAMETERS_MAX) return;
          const hint = "Name what is beyond the second in an options object";
          context.report({ node, message: `${node.params.length} parameters: ${PARAMETERS_MAX} at most`, hint });
        }),
    },
    "no-bare-boolean": {
      create: (context) =>
        inTests(context.filename) ? {} : {
          CallExpression(node) {
            // A lone boolean is a value that is set or given back; beside others nobody knows what it means.
            if (node.arguments.length < 2 || isLittleEndian(node)) return;
            const bare = node.arguments.find((arg) => arg.type === "Literal" && typeof arg.value === "boolean");
            if (bare === undefined) return;
            context.report({
              node: bare,
              message: "Bare boolean argument",
              hint: "Give it a name in an options object",
            });
          },
        },
    },
    "no-silent-catch": {
      create: (context) => ({
        CatchClause(node) {
          if (node.body.body.length > 0) return;
          context.report({
            node,
            message: "Silent catch",
            hint: "Name the error that is expected and rethrow the rest",
          });
        },
      }),
    },
    "no-console": {
      create: (context) =>
        /[/\\](tests|scripts|bench)[/\\]/.test(context.filename) || inStandIns(context.filename) ? {} : {
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.object.name !== "console") return;
            context.report({ node, message: "console in a program", hint: "Log with getLog(), write data to stdout" });
          },
        },
    },
    "no-default-export": {
      create: (context) => ({
        ExportDefaultDeclaration(node) {
          // The linter asks for a plugin as the default export.
          if (context.filename.endsWith("lint_plugin.ts")) return;
          context.report({ node, message: "Default export", hint: "Export it by its name" });
        },
      }),
    },
    "no-barrel": {
      create: (context) => ({
        ExportAllDeclaration(node) {
          if (inStandIns(context.filename)) return;
          context.report({ node, message: "export *", hint: "Import from the file that has it" });
        },
      }),
    },
  },
};

export default plugin;

function onFunctions(look: (node: FunctionNode) => void): Deno.lint.LintVisitor {
  return { FunctionDeclaration: look, FunctionExpression: look, ArrowFunctionExpression: look };
}

function inTests(filename: string): boolean {
  return /[/\\]tests[/\\]|_(test|bench)\.ts$/.test(filename);
}

/** The stand-ins for packages have upstream's shape. */
function inStandIns(filename: string): boolean {
  return /[/\\]lib[/\\]std[/\\]/.test(filename);
}

/** `DataView` takes the order of bytes as its last argument. */
function isLittleEndian({ callee }: Deno.lint.CallExpression): boolean {
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" &&
    /^[gs]et(Big)?(Int|Uint|Float)\d+$/.test(callee.property.name);
}
