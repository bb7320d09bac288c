using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Keeps the status of PodDisruptionBudgets: how many of their pods are healthy, and how many may be evicted now.</summary>
public sealed class DisruptionBudgetController : Controller
{
    private readonly IReadOnlyList<ResourceType> types;

    /// <param name="types">All resource types: a pod's controller may be of any.</param>
    public DisruptionBudgetController(EventLoop loop, ApiServer api, IReadOnlyList<ResourceType> types)
        : base(loop, api, "controllermanager")
    {
        this.types = types;
        Follow(CoreTypes.PodDisruptionBudget);
        Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Deleted || PodState.ChangedForItsOwner(change.Old, change.Object))
            {
                WakeBudgetsOf(change);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.PodDisruptionBudget, key) is not { } budget || budget.Metadata.IsBeingDeleted)
        {
            return;
        }

        var pods = Store.List(CoreTypes.Pod, budget.Namespace).Where(pod => DisruptionBudgets.Selects(budget, pod)).ToList();
        switch (ScaleOf(budget, pods))
        {
            case PodScale.Unknown unknown:
                if (IsNew(budget, DisruptionBudgetStatus.Failed(budget, unknown.Why, Clock.Now)))
                {
                    Events.Warning(budget, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {unknown.Why}");
                }

                return;
            case PodScale.Counted counted:
                Write(budget, pods, counted);
                return;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Writes a status. What is said of it is said when it changes, not again after a restart.</summary>
    private bool IsNew(ApiObject budget, TreeMap status)
    {
        Api.ModifyStatus(CoreTypes.PodDisruptionBudget, budget.Key, _ => status);
        return !status.Equals(budget.Status);
    }

    /// <summary>Only a budget that counts in shares, or by what may be missing, has to know what the controllers want.</summary>
    private PodScale ScaleOf(ApiObject budget, IReadOnlyList<ApiObject> pods) =>
        budget.Spec["maxUnavailable"] is null && budget.Spec["minAvailable"] is null or TreeInteger
            ? new PodScale.Counted(0, [])
            : PodScale.Of(pods, Store, types);

    private void Write(ApiObject budget, IReadOnlyList<ApiObject> pods, PodScale.Counted scale)
    {
        var plan = DisruptionBudgetStatus.Of(budget, pods, HealthyPodsWanted.By(budget.Spec, pods.Count, scale.Pods), Clock.Now);
        if (plan.RecheckAt is { } recheck)
        {
            WakeAt(budget.Key, recheck);
        }

        if (!IsNew(budget, plan.Status))
        {
            return;
        }

        foreach (var pod in plan.NotDeleted)
        {
            Events.Warning(pod, "NotDeleted", $"Pod was expected by PDB {budget.Key} to be deleted but it wasn't");
        }

        if (pods.Count == 0)
        {
            Events.Normal(budget, "NoPods", "No matching pods found");
        }

        if (scale.Unmanaged.Count > 0)
        {
            Events.Warning(
                budget,
                "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {LabelSelector.From(budget.Spec["selector"])}) were found to be unmanaged. "
                    + "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. "
                    + "To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }
    }

    /// <summary>Budgets that selected the pod before the change, or select it after.</summary>
    private void WakeBudgetsOf(StoreEvent change)
    {
        foreach (var budget in Store.List(CoreTypes.PodDisruptionBudget, change.Object.Namespace))
        {
            if (DisruptionBudgets.Selects(budget, change.Object) || (change.Old is { } old && DisruptionBudgets.Selects(budget, old)))
            {
                WakeInPace(budget.Key, (int)(budget.Status["expectedPods"]?.Integer ?? 0));
            }
        }
    }
}
