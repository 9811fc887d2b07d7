//! What calls and members do to a value on its way into a result, by what they are called.

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// All of it is still there.
    Same,
    /// It is cut, if the argument says where.
    Cut,
    /// Nothing of it is left but a number or a digest.
    Nothing,
    /// Not known.
    Unknown,
}

/// Members that hold all that was fetched.
const WHOLE: &[&str] = &[
    "text",
    "content",
    "contents",
    "body",
    "Body",
    "data",
    "rows",
    "stdout",
    "result",
    "results",
    "items",
    "output",
    "json",
    "value",
    "recordset",
    "recordsets",
    "records",
    "Contents",
    "structuredContent",
    "structured_content",
];

const SAME: &[&str] = &[
    "text",
    "json",
    "read",
    "readlines",
    "decode",
    "encode",
    "strip",
    "trim",
    "trimEnd",
    "rstrip",
    "toString",
    "str",
    "String",
    "dumps",
    "stringify",
    "loads",
    "parse",
    "format",
    "join",
    "map",
    "filter",
    "fetchall",
    "fetchAll",
    "toArray",
    "all",
    "split",
    "splitlines",
    "list",
    "List",
    "dict",
    "sorted",
    "tuple",
    "set",
    "indent",
    "dedent",
    "TextContent",
    "CallToolResult",
    "NewToolResultText",
    "ToolResult",
    "Marshal",
    "MarshalIndent",
    "Unmarshal",
    "ReadAll",
    "to_string",
    "to_string_pretty",
    "to_value",
    "text_content",
    "success",
    "Ok",
    "Some",
    "bytes",
    "string",
    "from",
    "concat",
    "reverse",
    "items",
    "values",
    "entries",
    "Object.entries",
    "Object.values",
    "assign",
    "_asdict",
    "asdict",
    "model_dump",
    "model_dump_json",
    "to_dict",
    "clone",
    "to_owned",
    "into",
    "unwrap",
    "expect",
    "unwrap_or_default",
    "Sprintf",
    "Sprint",
    "Sprintln",
    "blob",
    "arrayBuffer",
    "buffer",
    "from_utf8",
    "from_utf8_lossy",
    "iter",
    "collect",
    "into_iter",
    "fetch_all",
    "mappings",
    "scalars",
    "repr",
    "print",
    "enumerate",
    "zip",
    "reversed",
    "replace",
    "replaceAll",
    "lower",
    "upper",
    "close",
    "catch",
    "then",
    "CreateTextResult",
    "NewTextContent",
    "content",
    "flat",
    "sort",
];

const CUT: &[&str] = &[
    "slice",
    "substring",
    "substr",
    "truncate",
    "Truncate",
    "take",
    "head",
    "limit",
    "islice",
    "fetchmany",
    "fetchMany",
    "LimitReader",
    "MaxBytesReader",
    "shorten",
    "first",
    "splice",
    "chars_take",
    "readline",
    "sample",
    "clip",
    "paginate",
];

const NOTHING: &[&str] = &[
    "len",
    "count",
    "sum",
    "any",
    "bool",
    "hash",
    "digest",
    "hexdigest",
    "max",
    "min",
    "isinstance",
    "includes",
    "startswith",
    "endswith",
    "startsWith",
    "endsWith",
    "exists",
    "size",
    "Len",
    "typeof",
    "indexOf",
    "find_index",
    "ok",
    "status",
    "is_dir",
    "is_file",
    "raise_for_status",
];

/// Members that stand for all of what was fetched.
pub fn is_whole(member: &str) -> bool {
    WHOLE.contains(&member)
}

/// What a call of this name gives back of what it is given.
pub fn call(name: &str) -> Becomes {
    let lower = name.to_ascii_lowercase();
    if CUT.contains(&name) || ["truncat", "shorten", "clip", "paginat"].iter().any(|word| lower.contains(word)) {
        return Becomes::Cut;
    }
    match (SAME.contains(&name), NOTHING.contains(&name)) {
        (true, _) => Becomes::Same,
        (_, true) => Becomes::Nothing,
        _ => Becomes::Unknown,
    }
}

/// Calls that make data into text that a program reads.
pub fn structures(name: &str) -> bool {
    matches!(
        name,
        "JSON.stringify"
            | "json.dumps"
            | "json.Marshal"
            | "json.MarshalIndent"
            | "serde_json::to_string"
            | "serde_json::to_string_pretty"
    ) || name.ends_with("orjson.dumps")
}

/// Whether an effect of a kind delivers content when its call is of this name, not a client or a fact about a file.
pub fn delivers(kind: &str, call: &str) -> bool {
    let last = call.rsplit(['.', '#']).next().unwrap_or(call);
    match kind {
        "file.read" => matches!(
            last,
            "open"
                | "read_text"
                | "read_bytes"
                | "readFile"
                | "readFileSync"
                | "ReadFile"
                | "read_to_string"
                | "read"
                | "Open"
                | "createReadStream"
        ),
        "network" => matches!(
            last,
            "get"
                | "post"
                | "put"
                | "patch"
                | "delete"
                | "request"
                | "send"
                | "fetch"
                | "urlopen"
                | "Do"
                | "Get"
                | "Post"
                | "axios"
                | "got"
                | "PostForm"
                | "options"
                | "stream"
                | "node-fetch"
                | "execute"
                | "urlretrieve"
                | "undici"
        ),
        "sql" => matches!(
            last,
            "query"
                | "execute"
                | "all"
                | "prepare"
                | "run"
                | "raw"
                | "batch"
                | "Query"
                | "QueryContext"
                | "exec"
                | "fetch"
                | "fetchall"
                | "queryRaw"
                | "$queryRawUnsafe"
                | "read_sql"
                | "read_sql_query"
                | "unsafe"
                | "each"
                | "execute_sql"
                | "query_as"
                | "Queryx"
                | "Select"
                | "fetch_all"
                | "execute_query"
                | "query_scalar"
                | "sql"
                | "iterate"
                | "many"
                | "any"
                | "manyOrNone"
                | "simple_query"
                | "selectAll"
                | "executeQuery"
        ),
        _ => false,
    }
}

/// What of a page or a number of rows a request asks for.
pub fn asks_for_part(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = [
        "limit",
        "per_page",
        "perpage",
        "page_size",
        "pagesize",
        "max_results",
        "maxresults",
        "maxkeys",
        "top",
        "first",
        "take",
        "range",
    ];
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_and_facts_about_files_deliver_nothing() {
        for (kind, call, expected) in [
            ("network", "boto3.client", false),
            ("network", "requests.get", true),
            ("file.read", "fs.promises.stat", false),
            ("file.read", "io/fs.ReadFile", true),
            ("sql", "better-sqlite3.pragma", false),
            ("sql", "pg.Client.query", true),
        ] {
            assert_eq!(delivers(kind, call), expected, "{call}");
        }
    }

    #[test]
    fn a_name_that_says_so_cuts() {
        assert_eq!(call("truncate_output"), Becomes::Cut);
        assert_eq!(call("slice"), Becomes::Cut);
        assert_eq!(call("summarize"), Becomes::Unknown);
    }
}
