#include "frameworks/mini-spark/face/page.hpp"

namespace mesolite::spark {
namespace {

constexpr std::string_view html = R"page(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>mini-spark</title>
<style>
  body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5em; color: #222; background: #fff; }
  h1 { font-size: 1.3em; } h2 { font-size: 1.05em; margin: 1.4em 0 .4em; }
  table { border-collapse: collapse; } td, th { padding: .15em .8em .15em 0; text-align: left; }
  td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
  .bad { color: #b00; } .dim { color: #777; } .link { color: #05a; cursor: pointer; }
  svg { border: 1px solid #ddd; max-width: 100%; } svg text { font-size: 11px; }
</style>
<h1><span id="name">mini-spark</span> <span class="dim" id="state"></span></h1>
<p id="dropped" class="bad"></p>
<p><label>Replay an event log: <input type="file" id="file"></label></p>
<h2>Jobs</h2><table id="jobs"></table>
<h2>Stages</h2><table id="stages"></table>
<h2>Graph of job <span id="chosen"></span></h2><svg id="graph" width="900" height="10"></svg>
<h2>Tasks in time</h2><svg id="time" width="900" height="10"></svg>
<h2>Executors</h2><table id="executors"></table>
<h2>Storage</h2><table id="storage"></table>
<script>
"use strict";
const byId = id => document.getElementById(id);
const seconds = ns => (ns / 1e9).toFixed(3) + " s";
const bytes = n => n < 1e6 ? (n / 1e3).toFixed(1) + " KB" : (n / 1e6).toFixed(1) + " MB";
const sum = (all, of) => all.reduce((total, each) => total + of(each), 0);

// ---- what has happened: all that is shown is made of the events alone --------------------------

const newApp = () => ({jobs: new Map(), stages: new Map(), tasks: new Map(), executors: new Map(),
                       rdds: new Map(), lines: 0, dropped: 0, first: 0, last: 0});

const actions = {
  application_started: (app, e) => Object.assign(app, {name: e.name, master: e.reason,
                                                       began: e.unix_ms}),
  application_ended: (app, e) => Object.assign(app, {ended: e.unix_ms}),
  job_started(app, e) {
    app.jobs.set(e.job, {id: e.job, name: e.name, start: e.time, stages: e.stages});
    for (const s of e.stages) {
      app.stages.set(s.stage, {id: s.stage, name: s.name, tasks: s.tasks, steps: s.steps, done: 0,
        failed: 0, running: 0, times: [], records: 0, read: 0, written: 0, spilled: 0, hits: 0,
        misses: 0});
      for (const k of s.kept) {
        const known = app.rdds.get(k.rdd) || {places: new Map()};
        app.rdds.set(k.rdd, Object.assign(known, k));
      }
    }
  },
  job_ended: (app, e) => Object.assign(app.jobs.get(e.job) || {}, {end: e.time, reason: e.reason}),
  task_started(app, e) {
    const stage = app.stages.get(e.stage);
    if (stage) ++stage.running;
    app.tasks.set(e.serial, {stage: e.stage, executor: e.executor, start: e.time,
                             partition: e.partition, attempt: e.attempt});
  },
  task_ended(app, e) {
    const stage = app.stages.get(e.stage), executor = app.executors.get(e.executor);
    const m = e.metrics;
    Object.assign(app.tasks.get(e.serial) || {}, {end: e.time, reason: e.reason});
    if (stage) {
      --stage.running;
      e.reason ? ++stage.failed : ++stage.done;
      stage.times.push(m.run_nanoseconds);
      stage.records += m.records_read; stage.read += m.shuffle_read;
      stage.written += m.shuffle_written; stage.spilled += m.spilled;
      stage.hits += m.cache_hits; stage.misses += m.cache_misses;
    }
    if (executor) {
      e.reason ? ++executor.failed : ++executor.done;
      executor.busy += m.run_nanoseconds;
      executor.read += m.shuffle_read; executor.written += m.shuffle_written;
    }
    for (const c of e.cached) {
      const rdd = app.rdds.get(c.rdd) || {rdd: c.rdd, places: new Map()};
      app.rdds.set(c.rdd, rdd);
      rdd.places.set(c.partition, {executor: e.executor, memory: c.memory, disk: c.disk});
    }
    for (const c of e.evicted) {
      const places = app.rdds.get(c.rdd)?.places;
      if (places?.get(c.partition)?.executor === e.executor) places.delete(c.partition);
    }
  },
  executor_added: (app, e) => app.executors.set(e.executor, {name: e.name, start: e.time, done: 0,
                                                 failed: 0, busy: 0, read: 0, written: 0}),
  executor_lost(app, e) {
    Object.assign(app.executors.get(e.executor) || {}, {end: e.time, reason: e.reason});
    for (const {places} of app.rdds.values()) {
      for (const [part, place] of places) if (place.executor === e.executor) places.delete(part);
    }
    for (const task of app.tasks.values()) {
      if (task.executor !== e.executor || task.end) continue;
      Object.assign(task, {end: e.time, reason: "lost with its executor"});
      const stage = app.stages.get(task.stage);
      if (stage) { --stage.running; ++stage.failed; }
    }
  },
  rdd_dropped: (app, e) => app.rdds.get(e.rdd)?.places.clear(),
};

function take(app, text) {
  for (const line of text.split("\n")) {
    if (!line) continue;
    const e = JSON.parse(line);
    app.lines += e.kind === "dropped" ? e.lines : 1;
    if (e.kind === "dropped") { app.dropped += e.lines; continue; }
    app.first = app.first || e.time;
    app.last = e.time;
    actions[e.kind]?.(app, e);
  }
  return app;
}

// ---- how it is shown ---------------------------------------------------------------------------

function table(id, heads, rows) {
  const cell = (tag, value) => {
    const made = document.createElement(tag);
    const plain = typeof value === "object" ? value : {text: value};
    made.textContent = plain.text;
    if (plain.kind) made.className = plain.kind;
    if (plain.click) made.onclick = plain.click;
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

// Stages in columns by their depth, an edge for each shuffle, the steps of each on its box.
function drawGraph(app, job) {
  const svg = byId("graph");
  svg.replaceChildren();
  byId("chosen").textContent = job ? `${job.id} (${job.name})` : "";
  if (!job) return;
  const depth = new Map(), rows = [], place = new Map();
  for (const s of job.stages) {
    depth.set(s.stage, 1 + Math.max(-1, ...s.parents.map(p => depth.get(p) ?? -1)));
  }
  for (const s of job.stages) {
    const x = depth.get(s.stage), y = rows[x] = (rows[x] ?? -1) + 1;
    place.set(s.stage, [20 + x * 220, 20 + y * 60]);
  }
  svg.setAttribute("height", 40 + 60 * Math.max(...rows.map(count => count + 1)));
  svg.setAttribute("width", 40 + 220 * rows.length);
  for (const s of job.stages) {
    const [x, y] = place.get(s.stage), seen = app.stages.get(s.stage);
    for (const parent of s.parents.filter(p => place.has(p))) {
      const [px, py] = place.get(parent);
      svg.append(shape("line", {x1: px + 190, y1: py + 20, x2: x, y2: y + 20, stroke: "#999"}));
    }
    const fill = seen.done >= s.tasks ? "#cfe8cf" : seen.done ? "#fdf3c4" : "#eee";
    const steps = s.steps.join(" > ");
    const box = shape("rect", {x, y, width: 190, height: 42, rx: 4, fill, stroke: "#888"});
    box.append(shape("title", {}, steps));
    svg.append(box, shape("text", {x: x + 6, y: y + 17},
                          `${s.stage} ${s.name} ${seen.done}/${s.tasks}`),
               shape("text", {x: x + 6, y: y + 34, fill: "#777"},
                     steps.length > 30 ? "…" + steps.slice(-29) : steps));
  }
}

// A bar a task, in as many lanes as ran at a time on each executor.
function drawTime(app) {
  const svg = byId("time"), lanes = [], span = Math.max(1, app.last - app.first);
  svg.replaceChildren();
  const tasks = [...app.tasks.values()].slice(-5000).sort((a, b) => a.executor - b.executor ||
                                                                    a.start - b.start);
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

function showStages(app) {
  const times = s => {
    const ascending = [...s.times].sort((a, b) => a - b);
    return [0, ascending.length >> 1, ascending.length - 1].map(i => seconds(ascending[i] ?? 0));
  };
  table("stages", ["stage", "ends with", "tasks", "failed", "task time", "least", "median", "most",
    "records read", "shuffle read", "written", "spilled", "cache hits", "misses"].map(number),
    [...app.stages.values()].map(s => [s.id, s.name, `${s.done}/${s.tasks}`, s.failed,
      seconds(sum(s.times, t => t)), ...times(s), s.records, bytes(s.read), bytes(s.written),
      bytes(s.spilled), s.hits, s.misses].map(number)));
}

let chosen = 0;  // the job whose graph is shown; 0: the last

function show(app, origin) {
  byId("name").textContent = app.name || "mini-spark";
  const when = app.began ? `, began ${new Date(app.began).toLocaleString()} on ${app.master}` : "";
  byId("state").textContent = `${origin}${when}, ${seconds(app.last - app.first)}` +
    (app.ended ? ", ended" : "");
  byId("dropped").textContent =
    app.dropped ? `The oldest ${app.dropped} events are only in the event log's file.` : "";
  const jobs = [...app.jobs.values()];
  const choose = id => () => { chosen = id; drawGraph(app, app.jobs.get(id)); };
  table("jobs", ["job", "action", "state", number("time")], jobs.map(j =>
    [{text: j.id, kind: "link", click: choose(j.id)}, j.name,
     j.end ? (j.reason ? {text: j.reason, kind: "bad"} : "done") : "running",
     number(seconds((j.end ?? app.last) - j.start))]));
  showStages(app);
  table("executors", ["executor", "where", "state", ...["tasks", "failed", "task time",
    "shuffle read", "written"].map(number)], [...app.executors].map(([id, e]) =>
    [id, e.name, e.end ? {text: "lost: " + e.reason, kind: "bad"} : "alive",
     ...[e.done, e.failed, seconds(e.busy), bytes(e.read), bytes(e.written)].map(number)]));
  table("storage", ["RDD", "made by", "level", ...["partitions kept", "in memory",
    "on disk"].map(number), "on executors"], [...app.rdds.values()].map(rdd => {
      const places = [...rdd.places.values()];
      return [rdd.rdd, rdd.name, rdd.level, number(`${places.length}/${rdd.partitions}`),
        number(bytes(sum(places, p => p.memory))), number(bytes(sum(places, p => p.disk))),
        [...new Set(places.map(p => p.executor))].join(", ")];
    }));
  drawGraph(app, app.jobs.get(chosen) || jobs[jobs.length - 1]);
  drawTime(app);
}

// ---- live, or a replay -------------------------------------------------------------------------

let app = newApp(), replaying = false;
byId("file").onchange = async event => {
  const file = event.target.files[0];
  [replaying, chosen] = [true, 0];
  show(take(newApp(), await file.text()), "replay of " + file.name);
};
async function poll() {
  if (replaying) return;
  try {
    const text = await (await fetch("/events?from=" + app.lines)).text();
    if (text || !app.lines) show(take(app, text), "live");
  } catch (error) {
    byId("state").textContent = "the program does not answer";
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
