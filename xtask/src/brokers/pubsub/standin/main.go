// Google's own in-memory server of Pub/Sub, pstest, as a program; and a driver that makes traffic on it.
//
//	pubsub-standin -port N          serves gRPC on loopback until stopped
//	pubsub-standin -port N drive    makes topics, subscriptions and traffic there, and prints as JSON what the
//	                                server answers (in the form of the REST interface) and what became of the messages
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const project = "projects/shop"

func main() {
	port := flag.Int("port", 21900, "loopback port")
	flag.Parse()
	if flag.Arg(0) == "drive" {
		if err := drive(fmt.Sprintf("127.0.0.1:%d", *port)); err != nil {
			log.Fatal(err)
		}
		return
	}
	server := pstest.NewServerWithPort(*port)
	log.Printf("pubsub stand-in listening on %s", server.Addr)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	<-stop
	server.Close()
}

// What became of the messages.
type seen struct {
	Published    int `json:"published"`
	Acknowledged int `json:"acknowledged"`
	DeadLettered int `json:"dead_lettered"`
	// Counted by pulling until nothing comes, and not computed from the others.
	StillWaiting    int      `json:"still_waiting"`
	DeliveryAttempt []int32  `json:"delivery_attempts"`
	OrderOfKey      []string `json:"order_of_key"`
	// Messages that came although they had been acknowledged.
	AgainAfterAck int `json:"again_after_ack"`
	// How often a message came whose deadline passed, and which was then acknowledged by the handle of before.
	Redelivered int `json:"redelivered"`
	// Messages in the subscription that was detached before they were published.
	CutGot int `json:"cut_got"`
	// What the subscription is asked about by itself says of its deleted topic.
	OrphansTopic string `json:"orphans_topic"`
}

func topic(id string) string        { return project + "/topics/" + id }
func subscription(id string) string { return project + "/subscriptions/" + id }

func drive(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	publisher, subscriber := pb.NewPublisherClient(conn), pb.NewSubscriberClient(conn)
	forget(ctx, publisher, subscriber)
	for _, id := range []string{"orders", "orders-dead", "unread", "short-lived"} {
		if _, err := publisher.CreateTopic(ctx, &pb.Topic{Name: topic(id), Labels: map[string]string{"team": "shop"}}); err != nil {
			return err
		}
	}
	subscriptions := []*pb.Subscription{
		{Name: subscription("billing"), Topic: topic("orders"), AckDeadlineSeconds: 10, EnableMessageOrdering: true,
			EnableExactlyOnceDelivery: true, Filter: `attributes.kind = "order"`,
			DeadLetterPolicy: &pb.DeadLetterPolicy{DeadLetterTopic: topic("orders-dead"), MaxDeliveryAttempts: 5}},
		{Name: subscription("look"), Topic: topic("orders-dead"), AckDeadlineSeconds: 10},
		{Name: subscription("hook"), Topic: topic("unread"), AckDeadlineSeconds: 10,
			PushConfig: &pb.PushConfig{PushEndpoint: "https://shop.example/hook?token=hunter2"}},
		{Name: subscription("warehouse"), Topic: topic("orders"), AckDeadlineSeconds: 10,
			BigqueryConfig: &pb.BigQueryConfig{Table: "shop.raw.orders"}},
		{Name: subscription("archive"), Topic: topic("orders"), AckDeadlineSeconds: 10,
			CloudStorageConfig: &pb.CloudStorageConfig{Bucket: "archive"}},
		{Name: subscription("cut"), Topic: topic("orders"), AckDeadlineSeconds: 10},
		{Name: subscription("orphan"), Topic: topic("short-lived"), AckDeadlineSeconds: 10},
	}
	for _, wanted := range subscriptions {
		if _, err := subscriber.CreateSubscription(ctx, wanted); err != nil {
			return err
		}
	}
	if _, err := publisher.DetachSubscription(ctx, &pb.DetachSubscriptionRequest{Subscription: subscription("cut")}); err != nil {
		return err
	}
	if _, err := publisher.DeleteTopic(ctx, &pb.DeleteTopicRequest{Topic: topic("short-lived")}); err != nil {
		return err
	}
	became := &seen{Published: 20}
	reader := &reader{ctx: ctx, subscriber: subscriber, became: became, acknowledged: map[string]bool{}, held: map[string]string{}}
	if err := publish(ctx, publisher, became.Published); err != nil {
		return err
	}
	for _, part := range []func() error{reader.work, reader.lateAnswer, reader.drain} {
		if err := part(); err != nil {
			return err
		}
	}
	cut, err := subscriber.Pull(ctx, &pb.PullRequest{Subscription: subscription("cut"), MaxMessages: 20})
	if err != nil {
		return err
	}
	became.CutGot = len(cut.ReceivedMessages)
	orphan, err := subscriber.GetSubscription(ctx, &pb.GetSubscriptionRequest{Subscription: subscription("orphan")})
	if err != nil {
		return err
	}
	became.OrphansTopic = orphan.Topic
	topics, err := publisher.ListTopics(ctx, &pb.ListTopicsRequest{Project: project, PageSize: 1000})
	if err != nil {
		return err
	}
	listed, err := subscriber.ListSubscriptions(ctx, &pb.ListSubscriptionsRequest{Project: project, PageSize: 1000})
	if err != nil {
		return err
	}
	// The REST interface is the same messages in protobuf's JSON form.
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"topics": form(topics), "subscriptions": form(listed), "seen": became,
	})
}

func publish(ctx context.Context, publisher pb.PublisherClient, count int) error {
	for n := 0; n < count; n++ {
		message := &pb.PubsubMessage{Data: []byte(fmt.Sprint(n)), Attributes: map[string]string{"kind": "order"}}
		if n < 3 {
			message.OrderingKey = "customer-1"
		}
		request := &pb.PublishRequest{Topic: topic("orders"), Messages: []*pb.PubsubMessage{message}}
		if _, err := publisher.Publish(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

// Reads the subscription "billing".
type reader struct {
	ctx          context.Context
	subscriber   pb.SubscriberClient
	became       *seen
	acknowledged map[string]bool
	// Handles of messages that were received and not answered, by message.
	held map[string]string
}

func (r *reader) pull(most int32) ([]*pb.ReceivedMessage, error) {
	got, err := r.subscriber.Pull(r.ctx, &pb.PullRequest{Subscription: subscription("billing"), MaxMessages: most})
	if err != nil {
		return nil, err
	}
	for _, received := range got.ReceivedMessages {
		if r.acknowledged[received.Message.MessageId] {
			r.became.AgainAfterAck++
		}
	}
	return got.ReceivedMessages, nil
}

func (r *reader) answer(handle string) error {
	request := &pb.AcknowledgeRequest{Subscription: subscription("billing"), AckIds: []string{handle}}
	_, err := r.subscriber.Acknowledge(r.ctx, request)
	return err
}

func (r *reader) acknowledge(received *pb.ReceivedMessage) error {
	if received.Message.OrderingKey != "" {
		r.became.OrderOfKey = append(r.became.OrderOfKey, string(received.Message.Data))
	}
	r.acknowledged[received.Message.MessageId] = true
	return r.answer(received.AckId)
}

// Zero seconds refuse: the message comes again at once.
func (r *reader) extend(handle string, seconds int32) error {
	request := &pb.ModifyAckDeadlineRequest{Subscription: subscription("billing"), AckIds: []string{handle},
		AckDeadlineSeconds: seconds}
	_, err := r.subscriber.ModifyAckDeadline(r.ctx, request)
	return err
}

// Ten orders are acknowledged, one is refused until it is given up, nine are held on to.
func (r *reader) work() error {
	poison := ""
	for round := 0; round < 40 && (r.became.Acknowledged < 10 || r.became.DeadLettered == 0); round++ {
		got, err := r.pull(20)
		if err != nil {
			return err
		}
		for _, received := range got {
			id := received.Message.MessageId
			if poison == "" && received.Message.OrderingKey == "" {
				poison = id
			}
			switch {
			case id == poison:
				r.became.DeliveryAttempt = append(r.became.DeliveryAttempt, received.DeliveryAttempt)
				err = r.extend(received.AckId, 0)
			case r.became.Acknowledged < 10:
				r.became.Acknowledged++
				err = r.acknowledge(received)
			default:
				r.held[id] = received.AckId
				err = r.extend(received.AckId, 60)
			}
			if err != nil {
				return err
			}
		}
		dead, err := r.subscriber.Pull(r.ctx, &pb.PullRequest{Subscription: subscription("look"), MaxMessages: 10})
		if err != nil {
			return err
		}
		r.became.DeadLettered += len(dead.ReceivedMessages)
	}
	return nil
}

// One of the held messages is answered after its deadline, when it has come again: the old handle ends nothing.
func (r *reader) lateAnswer() error {
	late := ""
	for id, handle := range r.held {
		late = id
		r.became.Redelivered = 1
		if err := r.extend(handle, 1); err != nil {
			return err
		}
		break
	}
	time.Sleep(1500 * time.Millisecond)
	for range 2 {
		got, err := r.pull(20)
		if err != nil {
			return err
		}
		for _, received := range got {
			if received.Message.MessageId == late {
				r.became.Redelivered++
			}
			if err := r.answer(r.held[received.Message.MessageId]); err != nil {
				return err
			}
			if err := r.extend(received.AckId, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// Lets go of what is held, and takes out what is there.
func (r *reader) drain() error {
	for _, handle := range r.held {
		if err := r.extend(handle, 0); err != nil {
			return err
		}
	}
	for quiet := 0; quiet < 2; {
		got, err := r.pull(20)
		if err != nil {
			return err
		}
		quiet++
		for _, received := range got {
			quiet = 0
			r.became.StillWaiting++
			if err := r.acknowledge(received); err != nil {
				return err
			}
		}
	}
	return nil
}

// What an earlier run left.
func forget(ctx context.Context, publisher pb.PublisherClient, subscriber pb.SubscriberClient) {
	listed, _ := subscriber.ListSubscriptions(ctx, &pb.ListSubscriptionsRequest{Project: project})
	for _, known := range listed.GetSubscriptions() {
		_, _ = subscriber.DeleteSubscription(ctx, &pb.DeleteSubscriptionRequest{Subscription: known.Name})
	}
	topics, _ := publisher.ListTopics(ctx, &pb.ListTopicsRequest{Project: project})
	for _, known := range topics.GetTopics() {
		_, _ = publisher.DeleteTopic(ctx, &pb.DeleteTopicRequest{Topic: known.Name})
	}
}

func form(message proto.Message) json.RawMessage {
	text, err := protojson.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	return text
}
