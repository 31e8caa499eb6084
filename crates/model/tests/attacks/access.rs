//! Every cell of the matrix, tried for real.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::matrix;
use crate::people::{Answer, Scene, Who};
use crate::probes::{STATE, Target, probe};

/// A column of a table or view that the API can reach.
struct Column {
    table: String,
    name: String,
    data_type: String,
}

async fn columns(scene: &Scene) -> Vec<Column> {
    let sql = "select c.relname, a.attname, t.typname
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
        order by c.relname, a.attnum";
    let rows = scene.database.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| Column {
            table: row.get(0),
            name: row.get(1),
            data_type: row.get(2),
        })
        .collect()
}

/// The letter of a refusal: `!` if somebody may ask and the rules say no, `-` if there is no right to ask.
fn refusal(answer: &Answer) -> char {
    let message = answer.said("message");
    let no_right = message.starts_with("permission denied")
        || message.contains("row-level security")
        // A generated identity is nobody's to write, and PostgreSQL says so before it looks at rights.
        || answer.said("code") == "428C9";
    if no_right { '-' } else { '!' }
}

/// Tries the cells of the columns, and puts the state back after each change that was made.
struct Trial<'a> {
    scene: &'a Scene,
    who: Who,
    is_changed: bool,
}

impl Trial<'_> {
    async fn fresh(&mut self) {
        if self.is_changed {
            self.scene.arrange(STATE).await;
            self.is_changed = false;
        }
    }

    async fn select(&mut self, column: &Column, target: &Target) -> char {
        let path = format!("{}?select={}&{}", column.table, column.name, target.key);
        let answer = self.scene.get(self.who, &path).await;
        match (answer.status, answer.rows()) {
            (200, 0) => '0',
            (200, _) => 'r',
            _ => refusal(&answer),
        }
    }

    async fn insert(&mut self, column: &Column, target: &Target) -> char {
        self.fresh().await;
        if !target.before_insert.is_empty() {
            self.scene.arrange(target.before_insert).await;
            self.is_changed = true;
        }
        let row = target.insert(&column.table, &column.name, &column.data_type);
        let asked = row[&column.name].clone();
        let answer = self
            .scene
            .post(self.who, &column.table, Value::Object(row))
            .await;
        self.kept(&answer, column, &asked, 'i')
    }

    async fn update(&mut self, column: &Column, target: &Target) -> char {
        self.fresh().await;
        let path = format!("{}?{}", column.table, target.key);
        let asked = probe(&column.table, &column.name, &column.data_type, false);
        let body = json!({ &column.name: asked });
        let answer = self.scene.patch(self.who, &path, body).await;
        self.kept(&answer, column, &asked, 'u')
    }

    /// `done` if the value that was asked for is in the row now, `=` if the database kept its own.
    fn kept(&mut self, answer: &Answer, column: &Column, asked: &Value, done: char) -> char {
        if answer.status >= 300 {
            return refusal(answer);
        }
        self.is_changed = true;
        match answer.body.get(0) {
            None => '0',
            Some(row) if row[&column.name] == *asked => done,
            Some(_) => '=',
        }
    }

    async fn delete(&mut self, table: &str, target: &Target) -> char {
        self.fresh().await;
        let path = format!("{table}?{}", target.key);
        let answer = self.scene.send(self.who, Method::DELETE, &path, None).await;
        self.is_changed = true;
        match (answer.status, answer.rows()) {
            (200, 0) => '0',
            (200, _) => 'd',
            _ => refusal(&answer),
        }
    }
}

#[tokio::test]
async fn every_cell_of_the_matrix_is_as_it_says() {
    let scene = Scene::start().await;
    let columns = columns(&scene).await;
    let mut found: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut unknown = Vec::new();
    scene.arrange(STATE).await;
    for who in Who::ALL {
        let mut trial = Trial {
            scene: &scene,
            who,
            is_changed: false,
        };
        let mut table_before = "";
        for column in &columns {
            let Some(target) = Target::of(&column.table) else {
                unknown.push(column.table.clone());
                continue;
            };
            let cells = found.entry(format!("public.{}", column.table)).or_default();
            if table_before != column.table {
                table_before = &column.table;
                let deleted = trial.delete(&column.table, &target).await;
                let row = cells.entry("(delete)".to_owned()).or_default();
                row.push(deleted.to_string());
                trial.fresh().await;
            }
            let cell = [
                trial.select(column, &target).await,
                trial.insert(column, &target).await,
                trial.update(column, &target).await,
            ];
            trial.fresh().await;
            let row = cells.entry(column.name.clone()).or_default();
            row.push(cell.into_iter().collect());
        }
    }
    scene.stop().await;
    unknown.sort();
    unknown.dedup();
    let mut wrong: Vec<String> = unknown
        .iter()
        .map(|table| format!("probes.rs does not know the table {table}: add an arm to Target::of"))
        .collect();
    let listed = matrix::sections();
    for (table, rows) in &found {
        for (column, cells) in rows {
            let line = matrix::line(column, cells);
            match listed.get(table).and_then(|rows| rows.get(column)) {
                Some(listed) if listed == cells => {}
                Some(listed) => wrong.push(format!(
                    "## {table}: the matrix says\n  {}\nbut it is\n  {line}",
                    matrix::line(column, listed)
                )),
                None => wrong.push(format!(
                    "## {table}: {column} is not listed; if this is what it should be, add\n  {line}"
                )),
            }
        }
    }
    for (table, rows) in listed
        .iter()
        .filter(|(table, _)| table.starts_with("public."))
    {
        for column in rows.keys() {
            if !found
                .get(table)
                .is_some_and(|rows| rows.contains_key(column))
            {
                wrong.push(format!("## {table}: {column} is listed but does not exist"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "supabase/tests/access.md:\n{}",
        wrong.join("\n")
    );
}

#[tokio::test]
async fn every_function_is_executed_by_whom_the_matrix_says() {
    let scene = Scene::start().await;
    let sql = "select p.proname, n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')',
          to_jsonb(coalesce(p.proargnames[1:p.pronargs], '{}'))
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public'
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')";
    let functions = scene.database.query(sql, &[]).await.unwrap();
    let listed = matrix::sections().remove("functions").unwrap();
    let mut wrong = Vec::new();
    for function in &functions {
        let (name, signature): (String, String) = (function.get(0), function.get(1));
        let arguments: Vec<String> = serde_json::from_value(function.get(2)).unwrap();
        // Null for each: whether somebody may ask is decided before the function says that it cannot answer.
        let body: serde_json::Map<_, _> = arguments
            .into_iter()
            .map(|argument| (argument, Value::Null))
            .collect();
        let mut cells = Vec::new();
        for who in Who::ALL {
            let body = Value::Object(body.clone());
            let answer = scene.post(who, &format!("rpc/{name}"), body).await;
            assert_ne!(answer.status, 404, "{signature} is not to be found");
            let is_refused = matches!(answer.status, 401 | 403) && refusal(&answer) == '-';
            cells.push(if is_refused { "-" } else { "x" }.to_owned());
        }
        if listed.get(&signature) != Some(&cells) {
            wrong.push(matrix::line(&signature, &cells));
        }
    }
    scene.stop().await;
    assert!(
        wrong.is_empty(),
        "supabase/tests/access.md, ## functions: if this is what it should be, these lines stand there\n{}",
        wrong.join("\n")
    );
}
