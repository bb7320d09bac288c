using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Pacing;
using Sparkwright.World;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Insight;

namespace Sparkwright.Server.Provisioning;

/// <summary>
/// Where plan, apply, verify and destroy ask: <c>POST /platform/plan</c> answers a plan, <c>POST /platform/apply</c> carries one out and tells of it in lines
/// of JSON as it goes, <c>POST /platform/verify</c> answers a check list. Only the administrator may, by his token of the kubeconfig.
/// </summary>
/// <param name="changed">Called when a platform has changed, before its end is told.</param>
internal sealed class PlatformHandler(Engine engine, KnownUsers users, Func<Task> changed)
{
    private const string Bearer = "Bearer ";

    /// <summary>How often a run looks whether what it waits for is there.</summary>
    private static readonly TimeSpan StepEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Two at once would each follow a plan that the other makes untrue.</summary>
    private readonly SemaphoreSlim turn = new(1);

    public async Task Handle(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.Ordinal) || users.Find(header[Bearer.Length..])?.Groups.Contains(Identity.MastersGroup) is not true)
        {
            await Refuse(http, 401, "only the administrator may; his token is in the kubeconfig that sparkwright env names").ConfigureAwait(false);
            return;
        }

        if (http.Request.Method != "POST" || http.Request.Path.Value is not ("/platform/plan" or "/platform/apply" or "/platform/verify"))
        {
            await Refuse(http, 404, "nothing is here; there are POST /platform/plan, /platform/apply and /platform/verify").ConfigureAwait(false);
            return;
        }

        var (request, fault) = await Read(http).ConfigureAwait(false);
        if (request is null)
        {
            await Refuse(http, 400, fault!).ConfigureAwait(false);
        }
        else if (http.Request.Path.Value == "/platform/plan")
        {
            await Plan(http, request).ConfigureAwait(false);
        }
        else if (http.Request.Path.Value == "/platform/verify")
        {
            var checks = await engine.Ask(world => PlatformChecks.Of(world, request.Wished(world))).ConfigureAwait(false);
            await Answers.Write(http, 200, TreeMap.Of(
                ("checks", TreeList.From(checks.Select(static check => check.ToTree()))), ("ok", checks.All(static check => check.Ok)))).ConfigureAwait(false);
        }
        else if (!await turn.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            await Refuse(http, 409, "another apply or destroy is at work on this platform; wait for its end").ConfigureAwait(false);
        }
        else
        {
            try
            {
                await Apply(http, request).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
    }

    private static async Task<(PlatformRequest? Request, string? Fault)> Read(HttpContext http)
    {
        try
        {
            using var body = new StreamReader(http.Request.Body);
            return PlatformRequest.Read(TreeJson.Parse(await body.ReadToEndAsync(http.RequestAborted).ConfigureAwait(false)));
        }
        catch (JsonException mistake)
        {
            return (null, $"the body is not JSON: {mistake.Message}");
        }
    }

    private async Task Plan(HttpContext http, PlatformRequest request)
    {
        var planned = await engine.Ask(request.Plan).ConfigureAwait(false);
        await Answers.Write(http, 200, PlanJson.Write(planned.Plan)
            .With("blueprint", planned.Blueprint?.Name)
            .With("mark", PlatformRequest.MarkOf(planned.Plan))
            .With("obstacle", planned.Obstacle)).ConfigureAwait(false);
    }

    private async Task Apply(HttpContext http, PlatformRequest request)
    {
        var planned = await engine.Ask(request.Plan).ConfigureAwait(false);
        if (planned.Obstacle is { } obstacle)
        {
            await Refuse(http, 409, obstacle).ConfigureAwait(false);
            return;
        }

        if (request.Expected is { } expected && expected != PlatformRequest.MarkOf(planned.Plan))
        {
            await Refuse(http, 409, "the platform has changed since the plan was made; run the command again").ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/x-ndjson";
        var run = new PlatformRun(planned.Plan, planned.Blueprint);

        // It goes on when its client has gone: half a platform serves nobody.
        while (true)
        {
            foreach (var told in await engine.Ask(run.Step).ConfigureAwait(false))
            {
                await Tell(http, told.ToTree()).ConfigureAwait(false);
            }

            if (run.IsDone)
            {
                break;
            }

            await Task.Delay(StepEvery, CancellationToken.None).ConfigureAwait(false);
        }

        await changed().ConfigureAwait(false);
        await Tell(http, TreeMap.Of(
            ("event", "end"), ("failure", run.Failure), ("outputs", await engine.Ask(PlatformOutputs.Of).ConfigureAwait(false)))).ConfigureAwait(false);
    }

    private static async Task Tell(HttpContext http, TreeMap line)
    {
        if (!http.RequestAborted.IsCancellationRequested)
        {
            await http.Response.WriteAsync(line + "\n", CancellationToken.None).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static Task Refuse(HttpContext http, int code, string why) => Answers.Write(http, code, TreeMap.Of(("message", why)));
}
