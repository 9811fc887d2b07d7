//! Wrappers that many places call.

use super::super::told;

const WRAPPER: &str = r#"import { McpServer } from '@modelcontextprotocol/server';
export function contextOf(seed, server) {
  const registerTool = (name, config, run) => server.registerTool(name, config, async (...all) => run(...all));
  return {
    ...seed,
    registerTool,
    accountTool(name, config, run) { return registerTool(name, { ...config, wide: true }, run); },
  };
}
export function createApp(options) {
  return { async fetch(request) {
    const server = new McpServer({ name: 'app' });
    const context = contextOf({ request }, server);
    await options.register(context);
    return server;
  } };
}
"#;

/// `parts` files that each register `each` tools through the wrapper, and a program that has them all.
fn tools_of(parts: usize, each: usize) -> String {
    let mut files = vec![("wrapper.ts".to_string(), WRAPPER.to_string())];
    let mut program = "import { createApp } from './wrapper';\n".to_string();
    for part in 0..parts {
        let call = |tool: usize| {
            let way = if tool.is_multiple_of(3) { "accountTool" } else { "registerTool" };
            format!("  context.{way}('t{part}_{tool}', {{ description: 'd' }}, async () => 1);\n")
        };
        let calls: String = (0..each).map(call).collect();
        files.push((format!("part{part}.ts"), format!("export function part{part}(context) {{\n{calls}}}\n")));
        program.push_str(&format!("import {{ part{part} }} from './part{part}';\n"));
        program.push_str(&format!(
            "export const app{part} = createApp({{ register(context) {{ part{part}(context); }} }});\n"
        ));
    }
    files.push(("program.ts".to_string(), program));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    told(&files)
}

fn names(told: &str) -> Vec<&str> {
    told.split(": ").nth(1).unwrap_or_default().split(' ').collect()
}

#[test]
fn a_wrapper_with_many_callers_is_followed_to_all_of_them() {
    let told = tools_of(20, 60);
    assert!(told.contains(" closed: "), "{told}");
    assert_eq!(names(&told).len(), 20 * 60, "{told}");
}

#[test]
fn callers_beyond_the_bound_leave_the_inventory_open() {
    let told = tools_of(4, 900);
    let known = names(&told).len();
    assert!(told.starts_with("app open: "), "{known} of 3,600 tools, {}", &told[..60]);
}
