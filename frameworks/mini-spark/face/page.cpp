#include "frameworks/mini-spark/face/page_server.hpp"

namespace mesolite::spark {
namespace {

constexpr std::string_view html = R"page(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>mini-spark</title>
<style>
  body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5em; color: #222; background: #fff; }
  h1 { font-size: 1.3em; } h2 { font-size: 1.05em; margin: 1.4em 0 .4em; }
  table { border-collapse: collapse; } td, th { padding: .15em .8em .15em 0; text-align: left; }
  td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
  .bad { color: #b00; } .dim { color: #777; }
  svg { border: 1px solid #ddd; max-width: 100%; } svg text { font-size: 11px; }
</style>
<h1>mini-spark <span class="dim" id="state"></span></h1>
<p><label>Replay an event log: <input type="file" id="file"></label></p>
<h2>Jobs</h2><table id="jobs"></table>
<h2>Stages</h2><table id="stages"></table>
<h2>Graph of the last job</h2><svg id="graph" width="900" height="10"></svg>
<h2>Tasks in time</h2><svg id="time" width="900" height="10"></svg>
<h2>Executors</h2><table id="executors"></table>
<h2>Storage</h2><table id="storage"></table>
<script>
"use strict";
const byId = id => document.getElementById(id);
const seconds = ns => (ns / 1e9).toFixed(3) + " s";
const bytes = n => n < 1e6 ? (n / 1e3).toFixed(1) + " KB" : (n / 1e6).toFixed(1) + " MB";

// All that is shown, made of the events alone.
function gather(text) {
  const app = {jobs: new Map(), stages: new Map(), tasks: new Map(), executors: new Map(),
               cached: new Map(), first: 0, last: 0};
  for (const line of text.split("\n")) {
    if (!line) continue;
    const e = JSON.parse(line), kind = e.kind;
    app.first = app.first || e.time;
    app.last = e.time;
    const stage = app.stages.get(e.stage);
    if (kind === names.job_started) {
      app.jobs.set(e.job, {id: e.job, name: e.name, start: e.time, stages: e.stages});
      for (const s of e.stages) {
        app.stages.set(s.stage, {id: s.stage, name: s.name, tasks: s.tasks, done: 0, failed: 0,
          running: 0, run: 0, read: 0, written: 0, spilled: 0, hits: 0, misses: 0});
      }
    } else if (kind === names.job_ended) {
      Object.assign(app.jobs.get(e.job) || {}, {end: e.time, reason: e.reason});
    } else if (kind === names.task_started && stage) {
      ++stage.running;
      app.tasks.set(e.serial, {stage: e.stage, executor: e.executor, start: e.time,
                               partition: e.partition, attempt: e.attempt});
    } else if (kind === names.task_ended && stage) {
      --stage.running;
      e.reason ? ++stage.failed : ++stage.done;
      const m = e.metrics, task = app.tasks.get(e.serial);
      stage.run += m.run_nanoseconds; stage.read += m.shuffle_read;
      stage.written += m.shuffle_written; stage.spilled += m.spilled;
      stage.hits += m.cache_hits; stage.misses += m.cache_misses;
      if (task) Object.assign(task, {end: e.time, reason: e.reason});
      for (const c of e.cached) {
        if (!app.cached.has(c.rdd)) app.cached.set(c.rdd, new Map());
        app.cached.get(c.rdd).set(c.partition, e.executor);
      }
    } else if (kind === names.executor_added) {
      app.executors.set(e.executor, {name: e.name, start: e.time});
    } else if (kind === names.executor_lost) {
      Object.assign(app.executors.get(e.executor) || {}, {end: e.time, reason: e.reason});
    }
  }
  return app;
}
const names = {};
["unknown", "application_started", "job_started", "job_ended", "stage_started", "stage_ended",
 "task_started", "task_ended", "executor_added", "executor_lost"].forEach((n, i) => names[n] = i);

function table(id, heads, rows) {
  const cell = (tag, value) => {
    const made = document.createElement(tag);
    const plain = typeof value === "object" ? value : {text: value};
    made.textContent = plain.text;
    if (plain.kind) made.className = plain.kind;
    return made;
  };
  const line = (tag, values) => {
    const made = document.createElement("tr");
    made.append(...values.map(value => cell(tag, value)));
    return made;
  };
  byId(id).replaceChildren(line("th", heads), ...rows.map(row => line("td", row)));
}
const number = text => ({text, kind: "n"});

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.append(text);
  return made;
}

// Stages in columns by their depth, an edge for each shuffle.
function drawGraph(app) {
  const svg = byId("graph"), job = [...app.jobs.values()].pop();
  svg.replaceChildren();
  if (!job) return;
  const depth = new Map(), rows = [], place = new Map();
  for (const s of job.stages) {
    depth.set(s.stage, 1 + Math.max(-1, ...s.parents.map(p => depth.get(p) ?? -1)));
  }
  for (const s of job.stages) {
    const x = depth.get(s.stage), y = rows[x] = (rows[x] ?? -1) + 1;
    place.set(s.stage, [20 + x * 190, 20 + y * 50]);
  }
  svg.setAttribute("height", 30 + 50 * (1 + Math.max(...rows)));
  svg.setAttribute("width", 40 + 190 * rows.length);
  for (const s of job.stages) {
    const [x, y] = place.get(s.stage), seen = app.stages.get(s.stage);
    for (const parent of s.parents.filter(p => place.has(p))) {
      const [px, py] = place.get(parent);
      svg.append(shape("line", {x1: px + 160, y1: py + 15, x2: x, y2: y + 15, stroke: "#999"}));
    }
    const fill = seen.done >= s.tasks ? "#cfe8cf" : seen.done ? "#fdf3c4" : "#eee";
    svg.append(shape("rect", {x, y, width: 160, height: 30, rx: 4, fill, stroke: "#888"}),
               shape("text", {x: x + 6, y: y + 19},
                     `${s.stage} ${s.name} ${seen.done}/${s.tasks}`));
  }
}

// A bar a task, in as many lanes as ran at a time on each executor.
function drawTime(app) {
  const svg = byId("time"), lanes = [], span = Math.max(1, app.last - app.first);
  svg.replaceChildren();
  const tasks = [...app.tasks.values()].sort((a, b) => a.executor - b.executor ||
                                                       a.start - b.start).slice(-5000);
  for (const task of tasks) {
    const end = task.end ?? app.last;
    let lane = lanes.findIndex(l => l.executor === task.executor && l.end <= task.start);
    if (lane < 0) lane = lanes.push({executor: task.executor}) - 1;
    lanes[lane].end = end;
    const bar = shape("rect", {x: 900 * (task.start - app.first) / span, y: 4 + lane * 14,
      width: Math.max(1, 900 * (end - task.start) / span), height: 11,
      fill: task.reason ? "#c33" : `hsl(${task.stage * 67 % 360} 50% 65%)`});
    bar.append(shape("title", {}, `stage ${task.stage} partition ${task.partition} attempt ` +
      `${task.attempt + 1} on executor ${task.executor}: ${seconds(end - task.start)} ` +
      (task.reason || "")));
    svg.append(bar);
  }
  svg.setAttribute("height", 10 + 14 * lanes.length);
}

function show(text, origin) {
  const app = gather(text);
  byId("state").textContent = `${origin}, ${seconds(app.last - app.first)}`;
  table("jobs", ["job", "action", "state", number("time")], [...app.jobs.values()].map(j =>
    [j.id, j.name, j.end ? (j.reason ? {text: j.reason, kind: "bad"} : "done") : "running",
     number(seconds((j.end ?? app.last) - j.start))]));
  table("stages", ["stage", "ends with", "tasks", "failed", "task time", "shuffle read",
    "written", "spilled", "cache hits", "misses"].map(number), [...app.stages.values()].map(s =>
    [s.id, s.name, `${s.done}/${s.tasks}`, s.failed, seconds(s.run), bytes(s.read),
     bytes(s.written), bytes(s.spilled), s.hits, s.misses].map(number)));
  table("executors", ["executor", "where", "state"], [...app.executors].map(([id, e]) =>
    [id, e.name, e.end ? {text: "lost: " + e.reason, kind: "bad"} : "alive"]));
  table("storage", ["RDD", number("partitions cached"), "on executors"],
    [...app.cached].map(([rdd, parts]) =>
      [rdd, number(parts.size), [...new Set(parts.values())].join(", ")]));
  drawGraph(app);
  drawTime(app);
}

let replaying = false;
byId("file").onchange = async event => {
  replaying = true;
  show(await event.target.files[0].text(), "replay of " + event.target.files[0].name);
};
async function poll() {
  if (replaying) return;
  try {
    show(await (await fetch("/events")).text(), "live");
  } catch (error) {
    byId("state").textContent = "the program has ended";
  }
  setTimeout(poll, 2000);
}
if (location.protocol !== "file:") poll();
</script>
</html>
)page";

}  // namespace

std::string_view page_html() {
  return html;
}

}  // namespace mesolite::spark
