using System.Text.Json;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scenarios;

/// <summary>The outcome of a scenario as one JSON object; byte-identical per seed but for wallMilliseconds.</summary>
public static class ScenarioJson
{
    /// <param name="writeReport">Writes the members of <c>report</c>.</param>
    public static void Write(Utf8JsonWriter json, ScenarioRun run, long wallMilliseconds, Action<Utf8JsonWriter> writeReport)
    {
        json.WriteStartObject();
        json.WriteString("scenario", run.Scenario.Name);
        json.WriteNumber("seed", run.World.Chance.Seed);
        json.WriteNumber("virtualSeconds", Seconds(run.World.Clock.Elapsed));
        json.WriteNumber("wallMilliseconds", wallMilliseconds);
        json.WriteStartArray("steps");
        foreach (var step in run.Steps)
        {
            Write(json, step);
        }

        json.WriteEndArray();
        json.WriteStartObject("snapshots");
        foreach (var snapshot in run.Snapshots)
        {
            json.WriteStartObject(snapshot.Name);
            json.WriteNumber("at", Seconds(snapshot.At));
            TreeJson.WriteMembers(json, snapshot.Content);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("report");
        writeReport(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Seconds with at most three decimals.</summary>
    public static decimal Seconds(TimeSpan time) => decimal.Round((decimal)time.Ticks / TimeSpan.TicksPerSecond, 3) / 1.000m;

    private static void Write(Utf8JsonWriter json, StepOutcome step)
    {
        json.WriteStartObject();
        json.WriteNumber("index", step.Index);
        json.WriteString("action", step.Action);
        json.WriteNumber("at", Seconds(step.At));
        json.WriteBoolean("ok", step.Ok);
        json.WriteString("message", step.Message);
        json.WriteStartArray("documents");
        foreach (var document in step.Documents)
        {
            json.WriteStartObject();
            json.WriteString("kind", document.Kind);
            json.WriteString("namespace", document.Namespace);
            json.WriteString("name", document.Name);
            json.WriteBoolean("ok", document.IsAccepted);
            json.WriteNumber("status", document.Status);
            json.WriteString("message", document.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
