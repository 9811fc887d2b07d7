//! Files of languages that are read for their declarations, to tools.
#![allow(clippy::disallowed_methods, reason = "the trees are written to a folder that goes away")]

use crate::discover::{Walk, discover};
use crate::extract::extract;
use crate::load::load;

/// What a case is about, its files, and what the servers come out as.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// `package inventory: name[description] …`, one line for each server; then what the report says is not known.
fn told(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder for the tree");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("folders");
        std::fs::write(path, text).expect("the file");
    }
    let loaded = load(discover(folder.path(), &Walk::default()).expect("the tree is there"));
    let facts = extract(&loaded);
    let mut lines = Vec::new();
    for (at, server) in facts.servers.iter().enumerate() {
        let own = facts.tools.iter().filter(|tool| tool.about.server == Some(crate::model::ServerId(at as u32)));
        let tools = own.map(|tool| {
            assert!(tool.followed.value().is_none() && tool.handler.is_some(), "effects are never claimed to be known");
            let description = tool.description.value().map(|text| format!("[{text}]")).unwrap_or_default();
            let hint = tool.read_only_hint.value().map(|is| format!("(read-only {is})")).unwrap_or_default();
            format!("{}{description}{hint}", tool.about.name)
        });
        let tools: Vec<String> = tools.collect();
        let packages: Vec<&str> = server.sdks.iter().map(|sdk| sdk.table.as_str()).collect();
        lines.push(format!("{} {}: {}", packages.join("+"), server.inventory.id(), tools.join(" ")));
    }
    assert!(loaded.gaps.iter().any(|gap| gap.blocks), "what is not analysed is said: {:?}", loaded.gaps);
    lines.join("\n")
}

#[test]
fn tools_are_found_where_they_are_declared() {
    let cases: &[Case<'_>] = &[
        (
            "C#: a source generator of the tree writes further tools; what its project of tests declares is none",
            &[
                (
                    "src/Tools.cs",
                    "using ModelContextProtocol.Server;\n[McpServerToolType]\npublic class T { [McpServerTool(Name = \"file\")] public string File(string a) => a; }\n",
                ),
                (
                    "src/Generator.cs",
                    "using System.Text;\n// [McpServerTool] methods are written here\npublic class G { void W(StringBuilder b) { b.AppendLine(\"[McpServerTool(Name = \\\"\" + name + \"\\\")]\"); } }\n",
                ),
                (
                    "Orders.Tests/Tools.cs",
                    "using ModelContextProtocol.Server;\n[McpServerToolType]\npublic class F { [McpServerTool(Name = \"fake\")] public string File(string a) => a; }\n",
                ),
            ],
            "csharp-sdk open: file",
        ),
        (
            "Java: a builder, a constructor, a constant of another file; another `Tool` is none",
            &[
                ("pom.xml", ""),
                (
                    "src/main/java/A.java",
                    "import io.modelcontextprotocol.spec.McpSchema;\nimport io.modelcontextprotocol.spec.McpSchema.Tool;\nclass A {\n  static final String D = \"reads \" + \"it\";\n  Object a = new McpServerFeatures.SyncToolSpecification(Tool.builder().name(\"read\").description(D).inputSchema(s).build(), (x, r) -> null);\n  Object b = server.addTool(new McpSchema.Tool(Names.WRITE, \"writes\", SCHEMA), h);\n}\n",
                ),
                (
                    "src/main/java/Names.java",
                    "class Names { // tool names\n  public static final String WRITE = \"write\";\n}\n",
                ),
                (
                    "src/main/java/B.java",
                    "import com.other.Tool;\nclass B { Object a = Tool.builder().name(\"no\").build(); }\n",
                ),
            ],
            "java-sdk closed: read[reads it] write[writes]",
        ),
        (
            "Spring: annotations by origin, named after the method, text blocks, hints",
            &[
                ("pom.xml", ""),
                (
                    "src/main/java/S.java",
                    "import org.springaicommunity.mcp.annotation.McpTool;\nimport org.springframework.ai.tool.annotation.*;\n@Service\nclass S {\n  @McpTool(name = \"a-b\", description = \"\"\"\n    Two\n    lines\n    \"\"\", annotations = @McpTool.McpAnnotations(readOnlyHint = true))\n  public String ab(String x) { return x; }\n  @Tool(description = \"d\")\n  String plain() { return \"\"; }\n}\n",
                ),
                (
                    "src/main/java/T.java",
                    "import dev.langchain4j.agent.tool.Tool;\n// mcp client\nclass T { @Tool(\"d\") void no() {} }\n",
                ),
            ],
            "spring-ai closed: a-b[Two\nlines](read-only true) plain[d]",
        ),
        (
            "Quarkus: annotations and the manager",
            &[
                ("pom.xml", ""),
                (
                    "Q.java",
                    "import io.quarkiverse.mcp.server.Tool;\nimport io.quarkiverse.mcp.server.ToolManager;\nclass Q {\n  @Tool(description = \"d\") String go(@ToolArg(description = \"x\") String a) { return a; }\n  void add(ToolManager m) { m.newTool(\"made\").setDescription(\"e\").setHandler(a -> a).register(); }\n}\n",
                ),
            ],
            "quarkus-mcp closed: go[d] made[e]",
        ),
        (
            "Kotlin: a call with and without keywords, an object, a name of run time",
            &[
                ("build.gradle.kts", ""),
                (
                    "src/Main.kt",
                    "import io.modelcontextprotocol.kotlin.sdk.server.Server\nimport io.modelcontextprotocol.kotlin.sdk.Tool\nconst val N = \"three\"\nfun main() {\n  server.addTool(name = \"one\", description = \"\"\"\n    d\n  \"\"\".trimIndent(), inputSchema = Tool.Input()) { request -> go(request) }\n  server.addTool(\"two\", \"e\") { it }\n  server.addTools(listOf(RegisteredTool(Tool(N, \"f\", Tool.Input())) { it }))\n  server.addTool(name = args[0], description = \"x\") { it }\n}\n",
                ),
            ],
            "kotlin-sdk open: one[d] two[e] three[f]",
        ),
        (
            "C#: attributes, names made of methods, a description beside; created tools",
            &[
                ("a.csproj", ""),
                ("Usings.cs", "global using ModelContextProtocol.Server; // tool\n"),
                (
                    "T.cs",
                    "using System.ComponentModel;\n[McpServerToolType]\npublic class T {\n  const string D = \"d\";\n  [McpServerTool, Description(D + \"e\")]\n  public static async Task<string> GetFileAsync([Description(\"p\")] string p) => p;\n  [McpServerTool(Name = \"x-y\", ReadOnly = true)]\n  [Description(\"f\")]\n  public string XY() { return \"\"; }\n  void M() { var t = McpServerTool.Create(H, new McpServerToolCreateOptions { Name = \"made\", Description = \"g\" }); }\n}\n",
                ),
            ],
            "csharp-sdk closed: get_file[de] x-y[f](read-only true) made[g]",
        ),
        (
            "Ruby: subclasses, also of a base of the tree; definitions by call; heredocs",
            &[
                ("Gemfile", ""),
                (
                    "lib/t.rb",
                    "require 'mcp'\nclass Base < MCP::Tool\nend\nmodule A\n  class ReadFile < Base\n    description <<~D\n      Reads\n        it\n    D\n    annotations(read_only_hint: true)\n    def self.call(a:, server_context:)\n      x\n    end\n  end\nend\nclass W < MCP::Tool\n  tool_name \"write\"\n  description 'w'\nend\nt = MCP::Tool.define(name: 'made', description: 'm') { |a| 1 }\nserver.define_tool(name: \"more\") do |a| 2 end\n",
                ),
            ],
            "ruby-sdk closed: made[m] more read_file[Reads\n  it](read-only true) write[w]",
        ),
        (
            "fast-mcp",
            &[
                ("Gemfile", ""),
                (
                    "t.rb",
                    "require 'fast_mcp'\nclass Greet < FastMcp::Tool\n  description 'd'\n  def call(name:)\n  end\nend\n",
                ),
            ],
            "fast-mcp-ruby closed: Greet[d]",
        ),
        (
            "PHP: attributes, doc comments, the builder",
            &[
                ("composer.json", "{}"),
                (
                    "src/T.php",
                    "<?php\nnamespace App;\nuse Mcp\\Capability\\Attribute\\McpTool;\nuse Mcp\\Server;\nclass T {\n  const N = 'named';\n  /**\n   * Adds two.\n   * @param int $a first\n   */\n  #[McpTool]\n  public function add(int $a): int { return $a; }\n  #[McpTool(name: self::N, description: \"d\")]\n  public function other() {}\n}\n$s = Server::builder()->addTool([T::class, 'add'], name: 'made', description: 'e')->build();\n",
                ),
            ],
            "php-sdk closed: add[Adds two.] named[d] made[e]",
        ),
        (
            "Laravel: subclasses with fields",
            &[
                ("composer.json", "{}"),
                (
                    "app/Mcp/Tools/CurrentWeatherTool.php",
                    "<?php\nnamespace App\\Mcp\\Tools;\nuse Laravel\\Mcp\\Server\\Tool;\nclass CurrentWeatherTool extends Tool {\n  protected string $description = 'w';\n  public function handle(Request $r): Response { return x(); }\n}\nclass B extends Tool { protected string $name = 'b'; }\n",
                ),
            ],
            "laravel-mcp closed: current-weather-tool[w] b",
        ),
    ];
    for (what, files, expected) in cases {
        assert_eq!(told(files), *expected, "{what}");
    }
}
