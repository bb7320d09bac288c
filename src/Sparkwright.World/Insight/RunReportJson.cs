using System.Text.Json;

namespace Sparkwright.World.Insight;

/// <summary>Reports as JSON: members and their order are a contract. Times are seconds with at most three decimals, dollars have six.</summary>
public static class RunReportJson
{
    // Dividing by a one with many decimals takes trailing zeros off a decimal.
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>The whole object that <c>run --output json</c> prints.</summary>
    public static void Write(Utf8JsonWriter writer, RunReport report)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seed", report.Seed);
        writer.WriteNumber("virtualSeconds", Seconds(report.Virtual));
        writer.WriteNumber("wallMilliseconds", report.WallMilliseconds);
        if (report.Job is { } job)
        {
            WriteJob(writer, job);
        }
        else
        {
            writer.WriteNull("jobRun");
        }

        WriteMembers(writer, report);
        writer.WriteEndObject();
    }

    /// <summary>Pods, nodes, cost, findings and reasons, into an object that the caller has opened: what runs and scenarios share.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, RunReport report)
    {
        writer.WriteStartArray("pods");
        foreach (var pod in report.Pods)
        {
            WritePod(writer, pod);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("nodes");
        foreach (var node in report.Nodes)
        {
            WriteNode(writer, node);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("cost");
        writer.WriteNumber("usd", Usd(report.Cost.Usd));
        writer.WriteNumber("usdIdle", Usd(report.Cost.UsdIdle));
        writer.WriteNumber("usdSpot", Usd(report.Cost.UsdSpot));
        writer.WriteNumber("usdOnDemand", Usd(report.Cost.UsdOnDemand));
        writer.WriteEndObject();
        writer.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", finding.Rule);
            writer.WriteString("severity", finding.Severity);
            writer.WriteString("message", finding.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        ReasonsJson.Write(writer, report);
    }

    private static void WriteJob(Utf8JsonWriter writer, JobLine job)
    {
        writer.WriteStartObject("jobRun");
        writer.WriteString("id", job.Id);
        writer.WriteString("name", job.Name);
        writer.WriteString("state", job.State);
        writer.WriteString("failureReason", job.FailureReason);
        writer.WriteString("stateDetails", job.StateDetails);
        writer.WriteStartArray("history");
        foreach (var entry in job.History)
        {
            writer.WriteStartObject();
            writer.WriteString("state", entry.State);
            writer.WriteNumber("at", Seconds(entry.At));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePod(Utf8JsonWriter writer, PodLine pod)
    {
        writer.WriteStartObject();
        writer.WriteString("namespace", pod.Namespace);
        writer.WriteString("name", pod.Name);
        writer.WriteString("role", pod.Role);
        writer.WriteString("phase", pod.Phase);
        writer.WriteString("node", pod.Node);
        writer.WriteString("instanceType", pod.InstanceType);
        writer.WriteNumber("cpuMillis", pod.CpuMillis);
        writer.WriteNumber("memoryMi", pod.MemoryMi);
        WriteTime(writer, "createdAt", pod.CreatedAt);
        WriteTime(writer, "scheduledAt", pod.ScheduledAt);
        WriteTime(writer, "runningAt", pod.RunningAt);
        WriteTime(writer, "finishedAt", pod.FinishedAt);
        writer.WriteString("waitedFor", pod.WaitedFor);
        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, NodeLine node)
    {
        writer.WriteStartObject();
        writer.WriteString("name", node.Name);
        writer.WriteString("instanceType", node.InstanceType);
        writer.WriteString("zone", node.Zone);
        writer.WriteString("capacityType", node.CapacityType);
        writer.WriteString("pool", node.Pool);
        writer.WriteNumber("usdPerHour", Usd(node.UsdPerHour));
        WriteTime(writer, "createdAt", node.CreatedAt);
        WriteTime(writer, "readyAt", node.ReadyAt);
        WriteTime(writer, "deletedAt", node.DeletedAt);
        writer.WriteNumber("usd", Usd(node.Usd));
        writer.WriteStartArray("pods");
        foreach (var pod in node.Pods)
        {
            writer.WriteStringValue(pod);
        }

        writer.WriteEndArray();
        writer.WriteString("why", node.Why);
        writer.WriteEndObject();
    }

    internal static void WriteTime(Utf8JsonWriter writer, string name, TimeSpan? time)
    {
        if (time is { } known)
        {
            writer.WriteNumber(name, Seconds(known));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    internal static decimal Seconds(TimeSpan time) => Math.Round((decimal)time.Ticks / TimeSpan.TicksPerSecond, 3) / One;

    internal static decimal Usd(decimal usd) => Math.Round(usd, 6) / One;
}
