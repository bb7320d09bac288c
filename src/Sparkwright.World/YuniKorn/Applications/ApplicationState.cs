namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>Where an application is in its life.</summary>
public enum ApplicationState
{
    /// <summary>In a queue, nothing asked for yet.</summary>
    New,

    /// <summary>Has asked.</summary>
    Accepted,

    /// <summary>Has a pod, or all its placeholders.</summary>
    Running,

    /// <summary>Has nothing and wants nothing; is over unless it asks again.</summary>
    Completing,
    Completed,

    /// <summary>Its reservation timed out and it runs as a gang or not at all; its placeholders go.</summary>
    Failing,
    Failed,

    /// <summary>No queue takes it.</summary>
    Rejected,

    /// <summary>Its reservation timed out; its placeholders go, then it runs without.</summary>
    Resuming,

    /// <summary>Long over.</summary>
    Expired,
}

/// <summary>What happens to an application.</summary>
public enum ApplicationEvent
{
    Reject,
    Run,
    Complete,
    Fail,
    Resume,
    Expire,
}

/// <summary>The whole life of an application: which event leads from where to where, and how long it may stay.</summary>
public static class ApplicationLifecycle
{
    /// <summary>How long an application without pods waits for more.</summary>
    public static TimeSpan CompletingFor { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an application that is over is remembered.</summary>
    public static TimeSpan RememberedFor { get; } = TimeSpan.FromDays(3);

    /// <summary>How long placeholders are held when the application does not say.</summary>
    public static TimeSpan PlaceholdersFor { get; } = TimeSpan.FromMinutes(15);

    /// <summary>The state that an event leads to; null when it means nothing in this state.</summary>
    public static ApplicationState? Next(ApplicationState state, ApplicationEvent happened) => (state, happened) switch
    {
        (ApplicationState.New, ApplicationEvent.Reject) => ApplicationState.Rejected,
        (ApplicationState.New or ApplicationState.Resuming, ApplicationEvent.Run) => ApplicationState.Accepted,
        (ApplicationState.Accepted or ApplicationState.Running or ApplicationState.Completing, ApplicationEvent.Run) => ApplicationState.Running,
        (ApplicationState.Accepted or ApplicationState.Running, ApplicationEvent.Complete) => ApplicationState.Completing,
        (ApplicationState.Completing, ApplicationEvent.Complete) => ApplicationState.Completed,
        (ApplicationState.New or ApplicationState.Accepted or ApplicationState.Running, ApplicationEvent.Fail) => ApplicationState.Failing,
        (ApplicationState.Failing, ApplicationEvent.Fail) => ApplicationState.Failed,
        (ApplicationState.New or ApplicationState.Accepted, ApplicationEvent.Resume) => ApplicationState.Resuming,
        (ApplicationState.Completed or ApplicationState.Failed or ApplicationState.Rejected, ApplicationEvent.Expire) => ApplicationState.Expired,
        _ => null,
    };

    /// <summary>Whether the application is over; its id may be used again.</summary>
    public static bool IsOver(ApplicationState state) =>
        state is ApplicationState.Completed or ApplicationState.Failed or ApplicationState.Rejected or ApplicationState.Expired;
}

/// <summary>Which pods of an application may ask: it is first put into a queue, then its placeholders ask, then its own pods.</summary>
public enum ApplicationPhase
{
    /// <summary>Not yet put before the queues.</summary>
    New,
    Accepted,

    /// <summary>Placeholders ask.</summary>
    Reserving,

    /// <summary>Pods ask.</summary>
    Running,

    /// <summary>Placeholders are going; pods ask when they are gone.</summary>
    Resuming,

    /// <summary>Nobody asks any more.</summary>
    Over,
}
