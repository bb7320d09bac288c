using System.Text.Json;

namespace Sparkwright.World.Insight;

/// <summary>The reasons of a report as JSON: how gangs got their places, why pods waited, what was bought and what was disrupted.</summary>
internal static class ReasonsJson
{
    public static void Write(Utf8JsonWriter writer, RunReport report)
    {
        List(writer, "waits", report.Waits, WriteWait);
        List(writer, "pending", report.Pending, WritePending);
        List(writer, "launches", report.Launches, WriteLaunch);
        List(writer, "disruptions", report.Disruptions, WriteDisruption);
        List(writer, "kept", report.Kept, WriteKept);
        List(writer, "gangs", report.Gangs, WriteGang);
    }

    private static void WriteGang(Utf8JsonWriter writer, GangLine gang)
    {
        writer.WriteString("application", gang.Application);
        writer.WriteString("queue", gang.Queue);
        writer.WriteString("state", gang.State);
        writer.WriteString("style", gang.IsHard ? "Hard" : "Soft");
        writer.WriteNumber("placeholderTimeout", RunReportJson.Seconds(gang.Timeout));
        writer.WriteBoolean("placeholderTimeoutIsDefault", gang.TimeoutIsDefault);
        writer.WriteBoolean("reservationTimedOut", gang.ReservationTimedOut);
        List(writer, "taskGroups", gang.Groups, static (json, group) =>
        {
            json.WriteString("name", group.Name);
            json.WriteNumber("minMember", group.Members);
            json.WriteNumber("cpuMillis", group.CpuMillis);
            json.WriteNumber("memoryMi", group.MemoryMi);
            json.WriteNumber("placeholders", group.Placeholders);
            json.WriteNumber("replaced", group.Replaced);
            json.WriteNumber("released", group.Released);
        });
        List(writer, "phases", gang.Phases, static (json, phase) =>
        {
            json.WriteString("phase", phase.Phase);
            RunReportJson.WriteTime(json, "from", phase.From);
            RunReportJson.WriteTime(json, "to", phase.To);
            json.WriteNumber("count", phase.Count);
            json.WriteString("detail", phase.Detail);
        });
        writer.WriteNumber("nodeHours", RunReportJson.Usd(gang.NodeHours));
        writer.WriteNumber("usd", RunReportJson.Usd(gang.Usd));
        writer.WriteNumber("unusedNodeHours", RunReportJson.Usd(gang.UnusedNodeHours));
        writer.WriteNumber("unusedUsd", RunReportJson.Usd(gang.UnusedUsd));
    }

    private static void WritePending(Utf8JsonWriter writer, PendingLine line)
    {
        Texts(writer, "pods", line.Pods);
        writer.WriteString("application", line.Application);
        writer.WriteString("queue", line.Queue);
        List(writer, "reasons", line.Reasons, static (json, reason) =>
        {
            json.WriteString("rule", reason.Rule);
            json.WriteString("why", reason.Why);
        });
    }

    private static void WriteWait(Utf8JsonWriter writer, WaitLine wait)
    {
        Texts(writer, "pods", wait.Pods);
        writer.WriteNumber("since", RunReportJson.Seconds(wait.Since));
        writer.WriteNumber("longest", RunReportJson.Seconds(wait.Longest));
        writer.WriteBoolean("stillWaits", wait.StillWaits);
        List(writer, "pools", wait.Pools, static (json, pool) =>
        {
            json.WriteString("pool", pool.Pool);
            json.WriteString("rule", pool.Rule);
            json.WriteString("why", pool.Why);
            List(json, "types", pool.Types, static (inner, types) =>
            {
                inner.WriteString("rule", types.Rule);
                inner.WriteNumber("count", types.Count);
                inner.WriteString("nearest", types.Example);
                inner.WriteString("detail", types.Detail);
            });
        });
    }

    private static void WriteLaunch(Utf8JsonWriter writer, LaunchLine launch)
    {
        writer.WriteNumber("at", RunReportJson.Seconds(launch.At));
        writer.WriteString("node", launch.Node);
        writer.WriteString("pool", launch.Pool);
        writer.WriteString("instanceType", launch.InstanceType);
        writer.WriteString("zone", launch.Zone);
        writer.WriteString("capacityType", launch.CapacityType);
        writer.WriteNumber("usdPerHour", RunReportJson.Usd(launch.UsdPerHour));
        writer.WriteNumber("cpuMillis", launch.Requests.CpuMillis);
        writer.WriteNumber("memoryMi", launch.Requests.MemoryMi);
        writer.WriteNumber("typesInPool", launch.TypesInPool);
        writer.WriteNumber("typesLeft", launch.TypesLeft);
        writer.WriteNumber("offersLeft", launch.OffersLeft);
        List(writer, "offers", launch.Offers, static (json, offer) =>
        {
            json.WriteString("instanceType", offer.InstanceType);
            json.WriteString("zone", offer.Zone);
            json.WriteNumber("usdPerHour", RunReportJson.Usd(offer.UsdPerHour));
        });
        Texts(writer, "pods", launch.Pods);
        Texts(writer, "refusedPools", launch.RefusedPools);
    }

    private static void WriteDisruption(Utf8JsonWriter writer, DisruptionLine disruption)
    {
        writer.WriteNumber("at", RunReportJson.Seconds(disruption.At));
        writer.WriteString("method", disruption.Method);
        writer.WriteString("outcome", disruption.Outcome);
        writer.WriteString("why", disruption.Why);
        List(writer, "candidates", disruption.Candidates, static (json, candidate) =>
        {
            json.WriteString("node", candidate.Node);
            json.WriteString("pool", candidate.Pool);
            json.WriteString("instanceType", candidate.InstanceType);
            json.WriteString("capacityType", candidate.CapacityType);
            Price(json, "usdPerHour", candidate.UsdPerHour);
            json.WriteNumber("pods", candidate.Pods);
        });
        Texts(writer, "replacementTypes", disruption.ReplacementTypes);
        Price(writer, "replacementUsdPerHour", disruption.ReplacementUsdPerHour);
        Price(writer, "savingsUsdPerHour", disruption.SavingsUsdPerHour);
        List(writer, "stayed", disruption.Stayed, WriteKept);
    }

    private static void WriteKept(Utf8JsonWriter writer, KeptLine kept)
    {
        Texts(writer, "about", kept.About);
        writer.WriteString("reason", kept.Reason);
        writer.WriteString("why", kept.Why);
    }

    private static void List<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Price(Utf8JsonWriter writer, string name, decimal? usd)
    {
        if (usd is { } known)
        {
            writer.WriteNumber(name, RunReportJson.Usd(known));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
